import Glibc
import SQLTypes

/// Collects a result in a file and shows it through `$PAGER` (or `less -SRFX`) when it is longer than the screen.
final class Pager {
    let output: Output
    private let path: String
    private let descriptor: Int32

    /// nil when no temporary file can be made.
    init?() {
        var name = Array("/tmp/athena-lite-pager-XXXXXX".utf8CString)
        descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return nil }
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        output = Output(descriptor: descriptor)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// Shows what was written: directly when it fits, else through the pager.
    func finish(to terminal: Output) throws {
        var size = winsize()
        let rows = ioctl(1, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
        lseek(descriptor, 0, SEEK_SET)
        let text = try TextFile.read(descriptor: descriptor, name: "the result")
        if text.utf8.lazy.filter({ $0 == 0x0a }).count < rows - 1 {
            try terminal.write(text)
            try terminal.flush()
            return
        }
        let chosen = getenv("PAGER").map { String(cString: $0) } ?? ""
        let command = chosen.isEmpty ? "command -v less > /dev/null && less -SRFX" : chosen
        if system(command + " < " + path) != 0 {
            try terminal.write(text)
            try terminal.flush()
        }
    }
}
