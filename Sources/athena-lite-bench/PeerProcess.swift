import Glibc

/// A peer that runs beside us and times statements itself.
final class PeerProcess {
    private let input: UnsafeMutablePointer<FILE>
    private let output: UnsafeMutablePointer<FILE>

    init(_ command: [String]) throws {
        var toPeer: [Int32] = [0, 0]
        var fromPeer: [Int32] = [0, 0]
        guard pipe(&toPeer) == 0, pipe(&fromPeer) == 0 else { throw BenchmarkError("no pipes") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, toPeer[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromPeer[1], 1)
        posix_spawn_file_actions_addclose(&actions, toPeer[1])
        posix_spawn_file_actions_addclose(&actions, fromPeer[0])
        defer { posix_spawn_file_actions_destroy(&actions) }
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process = pid_t()
        guard posix_spawnp(&process, command[0], &actions, nil, arguments, environ) == 0 else {
            throw BenchmarkError("The peer '\(command[0])' cannot be started")
        }
        close(toPeer[0])
        close(fromPeer[1])
        guard let input = fdopen(toPeer[1], "w"), let output = fdopen(fromPeer[0], "r") else {
            throw BenchmarkError("The peer's pipes cannot be used")
        }
        self.input = input
        self.output = output
    }

    deinit {
        fclose(input)
        fclose(output)
    }

    /// Milliseconds that the peer took.
    func time(_ sql: String) throws -> Double {
        let lines = sql.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("--") }
        return try ask(lines.joined(separator: " "))
    }

    /// The most memory that the peer held so far, in MiB: it answers the line `.memory` with it.
    func peakMemory() throws -> Double { try ask(".memory") }

    private func ask(_ line: String) throws -> Double {
        fputs(line + "\n", input)
        fflush(input)
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, 256, output) != nil else { throw BenchmarkError("The peer ended") }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let number = Double(text.filter { !$0.isWhitespace }) else {
            throw BenchmarkError("The peer answered: \(text)")
        }
        return number
    }
}
