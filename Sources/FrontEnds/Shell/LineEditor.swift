import CEdit
import Glibc

/// Reads lines with editing, history and completion (libedit), or plainly when standard input is no terminal.
final class LineEditor {
    private let isInteractive: Bool
    private let historyFile: String?

    /// Words that complete a prefix; set by the shell before each line.
    nonisolated(unsafe) private static var candidates: (String) -> [String] = { _ in [] }
    nonisolated(unsafe) private static var matches: [String] = []

    init(historyFile: String?, complete: @escaping (String) -> [String]) {
        isInteractive = isatty(0) == 1
        self.historyFile = historyFile
        guard isInteractive else { return }
        // libedit calls back from `readline`, on the shell's own thread, so the statics are used by one thread.
        Self.candidates = complete
        using_history()
        if let historyFile { read_history(historyFile) }
        stifle_history(10_000)
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

    /// The next line without its end; nil at the end of input.
    func read(_ prompt: String) -> String? {
        if isInteractive {
            guard let pointer = readline(prompt) else { return nil }
            defer { free(pointer) }
            return String(cString: pointer)
        }
        return readLine(strippingNewline: true)
    }

    /// Keeps a statement in the history.
    func remember(_ text: String) {
        guard isInteractive, !text.isEmpty else { return }
        add_history(text.split(separator: "\n").joined(separator: " "))
        if let historyFile { write_history(historyFile) }
    }
}
