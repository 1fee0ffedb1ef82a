import Glibc
import SQLTypes

/// A file that appears under its name only when it is complete: written beside it, renamed by `commit`.
final class OutputFile {
    let output: Output
    private let path: String
    private let temporary: String
    private var isCommitted = false

    init(_ path: String) throws {
        self.path = path
        temporary = path + ".\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            try TextFile.report("The file \(path) cannot be written: \(String(cString: strerror(errno)))")
            throw ExitRequest.wrongUsage
        }
        output = Output(descriptor: descriptor, closesAtEnd: true)
    }

    deinit { if !isCommitted { unlink(temporary) } }

    func commit() throws {
        try output.flush()
        guard rename(temporary, path) == 0 else {
            throw QueryError(
                .genericExternal, "The file \(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        isCommitted = true
    }

    /// Adds a last line and commits.
    func finish(_ timing: StatementTiming) throws {
        try output.write(timing.json.text + "\n")
        try commit()
    }
}
