import Columnar
import Glibc
import SQLTypes
import Storage

/// One filter within one reader: its evaluator, what it has cost and let through so far, and what it says about the
/// dictionary of the row group at hand.
final class FilterState {
    let filter: any ScanFilter
    let columns: [Int]
    let cannotRaise: Bool
    private let evaluator: any ScanFilterEvaluator
    /// The verdict on each entry of a dictionary.
    private var mask: Buffer?
    private var maskDictionary: Vector?
    private(set) var nullPasses = false
    /// Rows of the row group that are still to come: a dictionary of more entries is not worth deciding on.
    private var rowsAhead = 0

    // Since the last change of order.
    private var rowsIn = 0
    private var rowsOut = 0
    private var nanoseconds: UInt64 = 0

    init(_ filter: any ScanFilter) throws {
        self.filter = filter
        columns = filter.columns
        cannotRaise = filter.cannotRaise
        evaluator = try filter.makeEvaluator()
    }

    // MARK: Dictionaries

    enum Verdict { case none, all, some }

    /// Runs the filter on each entry of `dictionary` and on NULL; only for filters of one column that cannot raise.
    func decide(_ dictionary: Vector) throws -> Verdict {
        let count = dictionary.count
        let passing = try evaluator.select([dictionary], Rows(count: count))
        let nullRow = Vector.nulls(dictionary.type, count: 1)
        nullPasses = try evaluator.select([nullRow], Rows(count: 1)).count > 0
        let buffer = Buffer(byteCount: max(count, 1))
        let bytes = buffer.pointer.assumingMemoryBound(to: UInt8.self)
        bytes.update(repeating: 0, count: max(count, 1))
        for index in 0..<passing.count { bytes[Int(passing.indices[index])] = 1 }
        mask = buffer
        maskDictionary = dictionary
        if passing.count == 0, !nullPasses { return .none }
        return passing.count == count && nullPasses ? .all : .some
    }

    /// Begins a row group.
    func forgetDictionary(rowsAhead: Int) {
        self.rowsAhead = rowsAhead
        mask = nil
        maskDictionary = nil
    }

    // MARK: Rows

    func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection {
        guard cannotRaise, vectors.count == 1, let dictionary = vectors[0].dictionary, let codes = vectors[0].codes
        else {
            return try evaluator.select(vectors, rows)
        }
        if dictionary !== maskDictionary, dictionary.count <= rowsAhead { _ = try decide(dictionary) }
        guard let mask, dictionary === maskDictionary else { return try evaluator.select(vectors, rows) }
        return Self.select(codes, vectors[0].validity, mask, nullPasses, rows)
    }

    private static func select(
        _ codes: UnsafePointer<UInt32>, _ validity: UnsafePointer<UInt64>?, _ mask: Buffer, _ nullPasses: Bool,
        _ rows: Rows
    ) -> Selection {
        let passes = UnsafePointer(mask.pointer.assumingMemoryBound(to: UInt8.self))
        let buffer = Buffer(byteCount: max(rows.selectedCount, 1) * 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var count = 0
        if let validity {
            let forNull: UInt8 = nullPasses ? 1 : 0
            rows.forEach { row in
                let verdict = Validity.isValid(validity, row) ? passes[Int(codes[row])] : forNull
                target[count] = UInt32(truncatingIfNeeded: row)
                count &+= Int(verdict)
            }
        } else if let selection = rows.selection {
            let indices = selection.indices
            for position in 0..<selection.count {
                let row = indices[position]
                target[count] = row
                count &+= Int(passes[Int(codes[Int(row)])])
            }
        } else {
            for row in 0..<rows.count {
                target[count] = UInt32(truncatingIfNeeded: row)
                count &+= Int(passes[Int(codes[row])])
            }
        }
        return Selection(buffer, count: count)
    }

    // MARK: Order

    func record(rowsIn: Int, rowsOut: Int, nanoseconds: UInt64) {
        self.rowsIn += rowsIn
        self.rowsOut += rowsOut
        self.nanoseconds &+= nanoseconds
    }

    /// Time spent per row that it removes; smaller runs first.
    var rank: Double {
        guard rowsIn > 0 else { return 0 }
        let removed = Double(rowsIn - rowsOut) + 0.01 * Double(rowsIn)
        return Double(nanoseconds) / removed
    }

    /// Old observations count half.
    func fade() {
        rowsIn /= 2
        rowsOut /= 2
        nanoseconds /= 2
    }

    static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(bitPattern: Int64(time.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(time.tv_nsec))
    }
}
