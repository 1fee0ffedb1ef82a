import Foundation

/// The built binary, run as users run it: through files, pipes or a pseudo terminal.
enum Program {
    /// Beside the test bundle; the test target depends on the executable, so it is built.
    static let path: String = {
        let bundle = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        return (bundle as NSString).deletingLastPathComponent + "/athena-lite"
    }()

    /// The repository's folder.
    static let root: String = {
        let parts = #filePath.split(separator: "/")
        return "/" + parts.dropLast(3).joined(separator: "/")
    }()

    struct Outcome {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs to the end, with the text as standard input.
    /// - Parameter folder: working directory and home.
    static func run(
        _ arguments: [String], input: String = "", in folder: Folder, environment: [String: String] = [:]
    ) throws -> Outcome {
        try run(path, arguments, input: Data(input.utf8), in: folder, environment: environment)
    }

    static func run(
        _ program: String, _ arguments: [String], input: Data, in folder: Folder, environment: [String: String] = [:]
    ) throws -> Outcome {
        let scratch = Folder()
        try input.write(to: URL(fileURLWithPath: scratch.path + "/in"))
        FileManager.default.createFile(atPath: scratch.path + "/out", contents: nil)
        FileManager.default.createFile(atPath: scratch.path + "/err", contents: nil)
        let child = try Child(
            program, arguments, in: folder, environment: environment,
            descriptors: [
                open(scratch.path + "/in", O_RDONLY | O_CLOEXEC), open(scratch.path + "/out", O_WRONLY | O_CLOEXEC),
                open(scratch.path + "/err", O_WRONLY | O_CLOEXEC),
            ])
        let status = child.wait()
        return Outcome(
            status: status, output: try String(contentsOfFile: scratch.path + "/out", encoding: .utf8),
            errors: try String(contentsOfFile: scratch.path + "/err", encoding: .utf8))
    }
}

/// A folder that goes with its owner.
final class Folder: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/athena-lite-test-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/athena-lite-test"
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let file = path + "/" + name
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

    /// Names in the folder, sorted.
    func names(_ inner: String = "") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path + "/" + inner)) ?? []).sorted()
    }

    /// A copy of the catalog of the sample lake, crawled once for all tests.
    func addLake() throws {
        try FileManager.default.copyItem(atPath: Self.lake.path + "/.athena-lite", toPath: path + "/.athena-lite")
    }

    private static let lake: Folder = {
        let folder = Folder()
        _ = try? Program.run(
            ["crawl", Program.root + "/testdata/lake", "--catalog", ".athena-lite"], in: folder)
        return folder
    }()
}

/// A child process. Its descriptors 0, 1 and 2 are given, and closed here.
final class Child {
    let processID: pid_t
    private var status: Int32?
    /// No child starts between the making of a pipe and its closing in children.
    static let lock = NSLock()

    /// - Parameter terminal: the path of a pseudo terminal that becomes the child's own, instead of `descriptors`.
    init(
        _ program: String, _ arguments: [String], in folder: Folder, environment: [String: String] = [:],
        descriptors: [Int32] = [], terminal: String? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        if let terminal {
            // A session without a terminal takes the first one that it opens.
            posix_spawnattr_setflags(&attributes, Int16(0x80))
            posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }
        var variables = ProcessInfo.processInfo.environment
        variables["ATHENA_LITE_CATALOG"] = nil
        variables["HOME"] = folder.path
        variables["TERM"] = "xterm"
        variables.merge(environment) { $1 }
        // The shell changes the folder and becomes the program.
        let command = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder.path, program] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child: pid_t = 0
        let code = Self.lock.withLock { posix_spawn(&child, "/bin/sh", &actions, &attributes, &argv, &envp) }
        for descriptor in descriptors { close(descriptor) }
        guard code == 0 else { throw ProgramError("\(program) cannot be started: \(String(cString: strerror(code)))") }
        processID = child
    }

    deinit {
        if status == nil {
            kill(processID, SIGKILL)
            _ = wait()
        }
    }

    /// The exit code, or 128 and the signal. A child that hangs is ended, so that a test can say so.
    func wait(seconds: Int = 120) -> Int32 {
        if let code = exitCode(within: seconds) { return code }
        kill(processID, SIGKILL)
        return exitCode(within: seconds) ?? -1
    }

    /// The exit code once it is known, nil when the child still runs after `seconds`.
    func exitCode(within seconds: Int) -> Int32? {
        if let status { return status }
        var raw: Int32 = 0
        for _ in 0..<seconds * 500 {
            if waitpid(processID, &raw, WNOHANG) != 0 {
                status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + raw & 0x7f
                return status
            }
            usleep(2000)
        }
        return nil
    }

    func signal(_ number: Int32) { kill(processID, number) }
}

struct ProgramError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A pipe's ends; closed by whoever takes them.
struct PipeEnds {
    var read: Int32
    var write: Int32

    init() throws {
        let ends = try Child.lock.withLock {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw ProgramError("no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            return ends
        }
        read = ends[0]
        write = ends[1]
    }
}

/// Reads a descriptor piece by piece, with a limit on the time that one piece may take.
final class TimedReader {
    private let descriptor: Int32
    private var bytes: [UInt8] = []
    private(set) var isAtEnd = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }

    /// Reads what is there, after waiting for it. False when nothing came in time.
    private func fill(_ milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 65536)
        let count = read(descriptor, &chunk, chunk.count)
        if count <= 0 { isAtEnd = true } else { bytes.append(contentsOf: chunk[..<count]) }
        return true
    }

    /// The next line without its end; nil at the end, or when none comes in time.
    func line(seconds: Int = 60) -> String? {
        while true {
            if let end = bytes.firstIndex(of: 0x0a) {
                let line = String(decoding: bytes[..<end], as: UTF8.self)
                bytes.removeFirst(end + 1)
                return line
            }
            if isAtEnd || !fill(Int32(seconds * 1000)) { return nil }
        }
    }

    /// All text up to and with `mark`; nil when it does not come in time.
    func text(until mark: String, seconds: Int = 60) -> String? {
        let wanted = Array(mark.utf8)
        while true {
            if let found = Data(bytes).range(of: Data(wanted)) {
                let text = String(decoding: bytes[..<found.upperBound], as: UTF8.self)
                bytes.removeFirst(found.upperBound)
                return text
            }
            if isAtEnd || !fill(Int32(seconds * 1000)) { return nil }
        }
    }

    /// Everything up to the end.
    func rest() -> String {
        while !isAtEnd, fill(60_000) {}
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What came and was not taken yet.
    var pending: String { String(decoding: bytes, as: UTF8.self) }
}
