import Execution

extension OperatorMetrics {
    /// `HashAggregate: 5 rows, 12.3 ms, 4096 bytes`; time is summed over workers.
    var summary: String {
        let time = Double(nanoseconds.load(ordering: .relaxed) / 10_000) / 100
        let held = bytes.load(ordering: .relaxed)
        return "\(name): \(rows.load(ordering: .relaxed)) rows, \(time) ms" + (held > 0 ? ", \(held) bytes" : "")
    }
}
