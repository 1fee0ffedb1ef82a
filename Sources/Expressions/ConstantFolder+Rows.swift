import Columnar
import Functions
import SQLTypes

/// Conditions over rows that planning has at hand: the values of partition keys.
extension ConstantFolder {
    /// Whether the condition is true in each row (false where it is false or NULL); nil in rows where it raises.
    ///
    /// `columns` holds the rows' values column by column, all of one length. Rows are evaluated a batch at a time; a
    /// batch that raises is halved until the rows that do are alone.
    public func truths(of condition: BoundExpression, columns: [(ColumnReference, [Value])]) -> [Bool?] {
        let count = columns.first?.1.count ?? 0
        var truths = [Bool?](repeating: nil, count: count)
        let layout = Dictionary(
            columns.enumerated().map { ($1.0.id, $0) }, uniquingKeysWith: { first, _ in first })
        guard let compiled = try? CompiledExpression(condition, layout: layout, context: context) else { return truths }
        var waiting: [Range<Int>] = stride(from: 0, to: count, by: Batch.defaultRowCount).map {
            $0..<min($0 + Batch.defaultRowCount, count)
        }
        while let range = waiting.popLast() {
            let batch = Batch(
                columns: columns.map { Vector.fromValues(Array($0.1[range]), $0.0.type) }, rowCount: range.count)
            do {
                let kept = try compiled.select(batch, rows: batch.rows)
                for row in range { truths[row] = false }
                for index in 0..<kept.count { truths[range.lowerBound + Int(kept.indices[index])] = true }
            } catch {
                guard range.count > 1 else { continue }
                let middle = range.lowerBound + range.count / 2
                waiting.append(range.lowerBound..<middle)
                waiting.append(middle..<range.upperBound)
            }
        }
        return truths
    }
}
