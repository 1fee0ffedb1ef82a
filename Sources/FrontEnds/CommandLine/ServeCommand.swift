import ArgumentParser
import Engine

/// `athena-lite serve --stdio`: the line protocol.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Answer requests of the line protocol athl/1.")

    @OptionGroup var options: GlobalOptions

    @Flag(name: .long, help: "Requests on standard input, answers on standard output.")
    var stdio = false

    func validate() throws {
        guard stdio else { throw ValidationError("serve needs --stdio") }
    }

    func run() throws {
        let engine = options.makeEngine()
        let session = try options.makeSession(engine, keepsResults: true)
        LineProtocolServer(session: session).run()
    }
}
