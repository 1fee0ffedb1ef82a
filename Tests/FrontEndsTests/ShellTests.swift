import Foundation
import Testing

/// The shell on a pseudo terminal.
@Suite(.serialized) struct ShellTests {
    /// A shell over the sample lake.
    private final class Terminal {
        let folder = Folder()
        let child: Child
        let reader: TimedReader
        private let descriptor: Int32

        init(_ arguments: [String] = []) throws {
            try folder.addLake()
            descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
            // TIOCSPTLCK and TIOCGPTN: what unlockpt and ptsname do.
            var isLocked: Int32 = 0
            var number: UInt32 = 0
            guard descriptor >= 0, ioctl(descriptor, 0x4004_5431, &isLocked) == 0,
                ioctl(descriptor, 0x8004_5430, &number) == 0
            else { throw ProgramError("no pseudo terminal") }
            var size = winsize(ws_row: 24, ws_col: 200, ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
            child = try Child(
                Program.path, ["--catalog", ".athena-lite"] + arguments, in: folder, environment: ["PAGER": "head -3"],
                terminal: "/dev/pts/\(number)")
            reader = TimedReader(fcntl(descriptor, F_DUPFD_CLOEXEC, 3))
        }

        deinit { close(descriptor) }

        func type(_ text: String) { _ = text.withCString { write(descriptor, $0, strlen($0)) } }

        /// Types Ctrl-D. The line editor writes its prompt before it reads keys one by one; a Ctrl-D in between becomes
        /// text of the line, which Ctrl-U removes.
        func endInput() -> Int32 {
            type("\u{4}")
            for _ in 0..<10 {
                if let code = child.exitCode(within: 2) { return code }
                type("\u{15}\u{4}")
            }
            return child.wait()
        }

        /// Types a line and gives what the terminal shows up to the next prompt.
        func enter(_ line: String, prompt: String = "default> ") throws -> String {
            type(line + "\n")
            return try until(prompt)
        }

        func until(_ mark: String) throws -> String {
            guard let text = reader.text(until: mark) else {
                throw ProgramError("no \(mark.debugDescription) came, but \(reader.pending.debugDescription)")
            }
            return text.replacingOccurrences(of: "\r", with: "")
        }
    }

    @Test func answersStatements() throws {
        let terminal = try Terminal()
        #expect(try terminal.until("default> ").contains("\\? for help"))
        let one = try terminal.enter("SELECT 1 AS n;")
        #expect(one.contains(" n\n---\n 1\n(1 row, "))
        // Over several lines.
        terminal.type("SELECT carrier\n")
        _ = try terminal.until("-> ")
        #expect(try terminal.enter("FROM airlines ORDER BY 1 LIMIT 1;").contains(" 9E\n(1 row, "))
        // A footer with the bytes, an error with a caret.
        #expect(try terminal.enter("SELECT count(*) AS c FROM airports;").contains("scanned)"))
        #expect(try terminal.enter("SELECT nme FROM airlines;").contains("  SELECT nme FROM airlines\n         ^\n"))
        #expect(try terminal.enter("SELECT 1 AS n\\G").contains("-[ row 1 ]----\nn | 1\n"))
        terminal.type("\\q\n")
        #expect(terminal.child.wait() == 0)
    }

    @Test func knowsBackslashCommands() throws {
        let terminal = try Terminal()
        _ = try terminal.until("default> ")
        #expect(try terminal.enter("\\l").contains(" default\n information_schema\n"))
        #expect(try terminal.enter("\\dt").contains(" airlines\n airports\n flights\n"))
        #expect(try terminal.enter("\\d airlines").contains(" carrier  | string"))
        #expect(try terminal.enter("\\x").contains("Expanded display is on."))
        #expect(try terminal.enter("SELECT 1 AS n;").contains("-[ row 1 ]"))
        #expect(try terminal.enter("\\x off").contains("Expanded display is off."))
        #expect(try terminal.enter("\\timing").contains("Timing is off."))
        #expect(!(try terminal.enter("SELECT 1 AS n;").contains("1 row")))
        #expect(try terminal.enter("\\format csv").contains("Format is csv."))
        #expect(try terminal.enter("SELECT 1 AS n;").contains("\"n\"\n\"1\"\n"))
        #expect(try terminal.enter("\\nothing").contains("Unknown command"))
        #expect(try terminal.enter("\\c information_schema", prompt: "information_schema> ").isEmpty == false)
        #expect(terminal.endInput() == 0)
    }

    @Test func completesNames() throws {
        let terminal = try Terminal()
        _ = try terminal.until("default> ")
        terminal.type("SELECT max(dep_del\t")
        _ = try terminal.until("ay")
        #expect(try terminal.enter(") AS m FROM flights;").contains(" m\n------\n"))
        terminal.type("SELECT count(*) AS c FROM airpo\t")
        _ = try terminal.until("rts")
        #expect(try terminal.enter(";").contains(" c\n------\n"))
        terminal.type("SELEC\t")
        _ = try terminal.until("T ")
        terminal.type("approx_disti\t")
        _ = try terminal.until("nct")
        terminal.type("\u{3}")
        _ = try terminal.until("default> ")
        terminal.type("SELECT f.tailn\t")
        _ = try terminal.until("um")
    }

    @Test func remembersStatements() throws {
        let terminal = try Terminal()
        _ = try terminal.until("default> ")
        _ = try terminal.enter("SELECT 'remembered' AS r;")
        // The last line again.
        terminal.type("\u{1b}[A")
        _ = try terminal.until("SELECT 'remembered' AS r;")
        #expect(try terminal.enter("").contains(" remembered\n"))
        terminal.type("\\q\n")
        _ = terminal.child.wait()
        #expect(try terminal.folder.read(".athena-lite-history").contains("remembered"))
    }

    @Test func interruptEndsTheStatementAlone() throws {
        let terminal = try Terminal()
        _ = try terminal.until("default> ")
        terminal.type("SELECT count(*) FROM flights a CROSS JOIN flights b CROSS JOIN flights c;\n")
        // The progress line shows that it runs.
        _ = try terminal.until(" splits, ")
        terminal.type("\u{3}")
        _ = try terminal.until("USER_CANCELED: Query was canceled")
        _ = try terminal.until("default> ")
        // At the prompt it drops what was typed.
        terminal.type("SELECT half\n")
        _ = try terminal.until("-> ")
        terminal.type("of a statement\u{3}")
        _ = try terminal.until("^C")
        _ = try terminal.until("default> ")
        #expect(try terminal.enter("SELECT 5 AS five;").contains(" five\n------\n    5\n"))
    }

    @Test func pagesLongResults() throws {
        let terminal = try Terminal()
        _ = try terminal.until("default> ")
        let shown = try terminal.enter("SELECT carrier FROM flights LIMIT 100;")
        // PAGER is head -3 here: the heading and one row.
        #expect(shown.split(separator: "\n").filter { $0.hasPrefix(" ") }.count == 2)
        #expect(shown.contains("(100 rows, "))
        _ = try terminal.enter("\\pager off")
        #expect(try terminal.enter("SELECT carrier FROM flights LIMIT 100;").split(separator: "\n").count > 100)
    }

    /// Without a terminal it reads standard input, and the last statement needs no end.
    @Test func readsStandardInput() throws {
        let outcome = try Program.run(
            ["shell"], input: "SELECT 1 AS n;\n\\timing off\n\\x\nSELECT 2 AS n", in: Folder())
        #expect(outcome.output == " n\n---\n 1\nTiming is off.\nExpanded display is on.\n-[ row 1 ]----\nn | 2\n")
        #expect(outcome.status == 0)
    }
}
