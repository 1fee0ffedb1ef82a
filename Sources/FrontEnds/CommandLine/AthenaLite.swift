import ArgumentParser
import CKernels
import Engine
import Glibc
import SQLTypes

/// The command line: `athena-lite [global options] [command]`.
public struct AthenaLite: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "athena-lite",
        abstract: "Amazon Athena, the Glue Data Catalog and the Glue crawler on one machine.",
        discussion: """
            Without a command: the shell on a terminal, otherwise `query`, which reads SQL from standard input.

            Crawl a folder of files into tables, then query them:
              athena-lite crawl lake/
              athena-lite query -e 'SELECT count(*) FROM flights'
            """,
        version: Version.text,
        subcommands: [
            ShellCommand.self, QueryCommand.self, CrawlCommand.self, CrawlerCommand.self, ClassifierCommand.self,
            ServeCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    public init() {}

    // `GlobalOptions.withCommand` names a command where none was given.
    public func run() throws { throw CleanExit.helpRequest() }

    /// The program: parses the arguments, runs, and ends the process with the contract's exit code.
    public static func start() -> Never {
        ck_tune_malloc()
        signal(SIGPIPE, SIG_IGN)
        let arguments = GlobalOptions.withCommand(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            Glibc.exit(0)
        } catch let error as ExitRequest {
            Glibc.exit(error.code)
        } catch is OutputClosed {
            Glibc.exit(0)
        } catch let error as QueryError {
            Self.fail(error.description, code: 1)
        } catch {
            let code = exitCode(for: error)
            if code == ExitCode.success {
                print(fullMessage(for: error))
                Glibc.exit(0)
            }
            Self.fail(fullMessage(for: error), code: 2)
        }
    }

    private static func fail(_ message: String, code: Int32) -> Never {
        let output = Output(descriptor: Output.standardError)
        try? output.write(message + "\n")
        try? output.flush()
        Glibc.exit(code)
    }
}

/// Ends the process with a code; everything has been said.
struct ExitRequest: Error {
    var code: Int32

    static let statementFailed = ExitRequest(code: 1)
    static let wrongUsage = ExitRequest(code: 2)
    static let interrupted = ExitRequest(code: 130)
}

public enum Version {
    public static let number = "0.1.0"
    public static let text = "athena-lite " + number
}
