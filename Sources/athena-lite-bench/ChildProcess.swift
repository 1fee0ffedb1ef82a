import Glibc

/// A program run to its end, its output thrown away.
enum ChildProcess {
    /// - Returns: the milliseconds from start to end.
    /// - Throws: when it cannot be started or fails.
    @discardableResult
    static func run(_ command: [String]) throws -> Double {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        let start = now()
        var process = pid_t()
        guard posix_spawnp(&process, command[0], &actions, nil, arguments, environ) == 0 else {
            throw BenchmarkError("'\(command[0])' cannot be started")
        }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let elapsed = now() - start
        guard status == 0 else { throw BenchmarkError("'\(command.joined(separator: " "))' failed") }
        return elapsed
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1e6
    }
}
