import ArgumentParser
import Engine
import Glibc

/// `athena-lite shell`: the interactive SQL shell.
struct ShellCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "shell", abstract: "The interactive SQL shell.")

    @OptionGroup var options: GlobalOptions

    func run() throws {
        let engine = options.makeEngine()
        let session = try options.makeSession(engine, keepsResults: true)
        try Shell(session: session).run()
    }
}
