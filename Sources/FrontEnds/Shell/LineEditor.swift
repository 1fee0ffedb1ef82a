import CEdit
import Glibc

/// Reads lines with editing, history and completion (libedit), or plainly when standard input is no terminal.
final class LineEditor {
    private let isInteractive: Bool
    private let historyFile: String?

    /// Words that complete a prefix; set by the shell before each line.
    nonisolated(unsafe) private static var candidates: (String) -> [String] = { _ in [] }
    nonisolated(unsafe) private static var matches: [String] = []
    nonisolated(unsafe) private static var wasInterrupted = false

    /// What reading a line gives.
    enum Line {
        /// Without its end.
        case text(String)
        /// Ctrl-C: what was typed is dropped.
        case interrupted
        case end
    }

    init(historyFile: String?, complete: @escaping (String) -> [String]) {
        isInteractive = isatty(0) == 1
        self.historyFile = historyFile
        guard isInteractive else { return }
        // libedit calls back from `readline`, on the shell's own thread, so the statics are used by one thread.
        Self.candidates = complete
        using_history()
        if let historyFile { read_history(historyFile) }
        stifle_history(10_000)
        ce_set_words()
        Self.withoutInterruptKey {
            ce_bind_interrupt { _, _ in
                LineEditor.wasInterrupted = true
                ce_end_line()
                return 0
            }
        }
        ce_set_completion { text, _, _ in
            guard let text else { return nil }
            ce_end_completion()
            return rl_completion_matches(text) { text, state in
                guard let text else { return nil }
                if state == 0 { LineEditor.matches = LineEditor.candidates(String(cString: text)) }
                return LineEditor.matches.isEmpty ? nil : strdup(LineEditor.matches.removeFirst())
            }
        }
    }

    func read(_ prompt: String) -> Line {
        guard isInteractive else { return readLine(strippingNewline: true).map { .text($0) } ?? .end }
        Self.wasInterrupted = false
        ce_begin_line()
        let pointer = Self.withoutInterruptKey { readline(prompt) }
        defer { free(pointer) }
        if Self.wasInterrupted { return .interrupted }
        return pointer.map { .text(String(cString: $0)) } ?? .end
    }

    /// Runs `body` while Ctrl-C on the terminal is a key like others: while a line is edited it ends the line, while a
    /// statement runs it is a signal. libedit must find the terminal so each time, or it binds the key anew.
    private static func withoutInterruptKey<Result>(_ body: () -> Result) -> Result {
        var before = termios()
        guard tcgetattr(0, &before) == 0 else { return body() }
        var changed = before
        // 0 is no key (_POSIX_VDISABLE).
        withUnsafeMutableBytes(of: &changed.c_cc) { $0[Int(VINTR)] = 0 }
        tcsetattr(0, TCSADRAIN, &changed)
        defer { tcsetattr(0, TCSADRAIN, &before) }
        return body()
    }

    /// Keeps a statement in the history.
    func remember(_ text: String) {
        guard isInteractive, !text.isEmpty else { return }
        // One entry a statement; with a comment to the line's end the lines must stay apart.
        let lines = text.split(separator: "\n")
        if text.contains("--") {
            for line in lines { add_history(String(line)) }
        } else {
            add_history(lines.joined(separator: " "))
        }
        if let historyFile { write_history(historyFile) }
    }
}
