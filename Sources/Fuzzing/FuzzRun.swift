import Glibc

/// One run of a fuzzer: worker processes go through the cases while this one watches. A case that ends the worker,
/// hangs, eats memory or breaks a promise is written to a file, and the next worker goes on after it.
///
/// ```
/// watcher --spawns--> worker: case 0, 1, 2 ... dies in case 17
///    |  <--- shared memory: the case at hand
///    +-- makes case 17 again, writes fuzz-sql-1-17.sql --spawns--> worker: case 18, 19 ...
/// ```
public struct FuzzRun {
    public var kind: FuzzerKind
    public var seed: UInt64 = 1
    public var seconds = 60
    /// At most this many cases.
    public var caseLimit = Int.max
    public var firstCase = 0
    public var corpus: String?
    /// The folder of `testdata` and `grammar`.
    public var repository = "."
    /// Where failing cases are written.
    public var outputFolder = "."

    /// Seconds after which one case counts as hanging. Sanitizers slow everything down.
    private static let hangSeconds = 30
    /// A worker that grows beyond this is ended.
    private static let memoryLimit = 6 << 30
    /// After so many failures there is enough to look at.
    private static let failureLimit = 50
    private static let pollMicroseconds: UInt32 = 100_000
    /// A worker's exit status for a broken promise.
    private static let failureStatus: Int32 = 3

    public init(_ kind: FuzzerKind) { self.kind = kind }

    // MARK: - Watching

    /// Returns how many cases failed; prints each and a summary.
    public func watch() throws -> Int {
        let folder = try TemporaryFolder()
        let progress = try FuzzProgress(path: folder.path + "/progress")
        let deadline = Self.now() + Double(seconds)
        var failures = 0
        var next = firstCase
        var peak = 0
        var early = 0
        while Self.now() < deadline, next < endCase, failures < Self.failureLimit {
            progress.begin(next)
            let started = Self.now()
            let worker = try spawn(folder.path + "/progress", from: next, seconds: deadline - Self.now())
            var reason: String?
            var status: Int32 = 0
            var last = (number: -1, since: Self.now())
            while waitpid(worker, &status, WNOHANG) == 0 {
                usleep(Self.pollMicroseconds)
                let now = Self.now()
                if progress.current != last.number { last = (progress.current, now) }
                let memory = Self.residentBytes(worker)
                peak = max(peak, memory)
                if now - started < Double(seconds) / 10 { early = max(early, memory) }
                if now - last.since > Double(Self.hangSeconds) { reason = "hangs for \(Self.hangSeconds) s" }
                if memory > Self.memoryLimit { reason = "uses \(memory >> 20) MiB" }
                if reason != nil {
                    kill(worker, SIGKILL)
                    waitpid(worker, &status, 0)
                    break
                }
            }
            if reason == nil, status != 0 { reason = Self.ending(status) }
            next = progress.current + 1
            guard let reason else { break }
            failures += 1
            let path = try write(case: progress.current)
            Self.say("\(kind.rawValue): case \(progress.current) of seed \(seed) \(reason): written to \(path)")
        }
        Self.say(
            "\(kind.rawValue): seed \(seed), \(progress.finished) cases, \(progress.taken) of them taken, "
                + "\(failures) failures, memory \(early >> 20) MiB in the first tenth, \(peak >> 20) MiB at most")
        return failures
    }

    private var endCase: Int {
        let (end, overflow) = firstCase.addingReportingOverflow(caseLimit)
        return overflow ? .max : end
    }

    private func spawn(_ progressPath: String, from first: Int, seconds: Double) throws -> pid_t {
        var arguments = [
            "athena-lite-fuzz", kind.rawValue, "--worker", progressPath, "--seed", String(seed), "--first",
            String(first),
            "--seconds", String(Int(seconds.rounded(.up))), "--repository", repository,
        ]
        if endCase != .max { arguments += ["--cases", String(endCase - first)] }
        if let corpus { arguments += ["--corpus", corpus] }
        var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let status = posix_spawn(&process, "/proc/self/exe", nil, nil, &pointers, environ)
        guard status == 0 else { throw FuzzFailure("no worker can be started: \(String(cString: strerror(status)))") }
        return process
    }

    private static func ending(_ status: Int32) -> String {
        let signal = status & 0x7f
        if signal != 0 { return "ends the process with signal \(signal)" }
        let code = status >> 8 & 0xff
        return code == failureStatus ? "breaks a promise" : "ends the process with status \(code)"
    }

    private static func residentBytes(_ process: pid_t) -> Int {
        guard let file = fopen("/proc/\(process)/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 200)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// A line of standard output at once: the next thing that happens may be a crash.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Writes a case, which its number makes again, and its notes beside it.
    private func write(case number: Int) throws -> String {
        let made = try kind.fuzzer(repository: repository, corpus: corpus).makeCase(seed: seed, number)
        let path = "\(outputFolder)/fuzz-\(kind.rawValue)-\(seed)-\(number).\(made.ending)"
        try Self.write(made.bytes, to: path)
        if !made.notes.isEmpty {
            try Self.write(Array((made.notes.joined(separator: "\n") + "\n").utf8), to: path + ".notes")
        }
        return path
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        guard let file = fopen(path, "w") else { throw FuzzFailure("\(path): \(String(cString: strerror(errno)))") }
        defer { fclose(file) }
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw FuzzFailure("\(path) cannot be written") }
    }

    // MARK: - Working

    /// Goes through the cases in this process; ends it with a status of its own at a broken promise.
    public func work(progressPath: String) throws {
        let progress = try FuzzProgress(path: progressPath)
        let fuzzer = try kind.fuzzer(repository: repository, corpus: corpus)
        let deadline = Self.now() + Double(seconds)
        var number = firstCase
        while number < endCase, Self.now() < deadline {
            progress.begin(number)
            do {
                progress.end(isTaken: try fuzzer.run(seed: seed, cases: number..<number + 1) > 0)
            } catch let failure as FuzzFailure {
                Self.say("\(kind.rawValue): \(failure)")
                exit(Self.failureStatus)
            }
            number += 1
        }
    }
}
