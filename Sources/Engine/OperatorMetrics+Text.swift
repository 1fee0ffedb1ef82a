import Execution

extension OperatorMetrics {
    /// `JoinBuild: 16 rows in, 0.33 ms, 2048 bytes held`; time is summed over workers. A sink counts the rows that it
    /// took, every other operator those that it gave.
    func summary(isSink: Bool) -> String {
        let time = Double(nanoseconds.load(ordering: .relaxed) / 10_000) / 100
        let held = bytes.load(ordering: .relaxed)
        let read = bytesRead.load(ordering: .relaxed)
        return "\(name): \(rows.load(ordering: .relaxed)) rows \(isSink ? "in" : "out"), \(time) ms"
            + (held > 0 ? ", \(held) bytes held" : "") + (read > 0 ? ", \(read) bytes read" : "")
    }
}
