import Columnar
import Functions
import SQLTypes

/// first_value, last_value, nth_value, lag and lead: each result is the argument at some position, found without
/// looking at values. Results are positions into the argument's column.
final class ValueState: WindowCallState {
    private let bucket: WindowBucket
    private let kind: WindowFunction.Kind
    private let type: DataType
    private let ignoresNulls: Bool
    private let source: ValueSource
    private let frames: WindowFrames?
    private let offsets: (UnsafePointer<Int64>, UnsafePointer<UInt8>, Buffer)?
    /// With IGNORE NULLS: positions whose argument is not null, and how many of them lie before each position.
    private var notNull: Buffer?
    private var notNullBefore: Buffer?

    init(
        _ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kind: WindowFunction.Kind, _ source: ValueSource
    ) throws {
        self.bucket = bucket
        self.kind = kind
        self.source = source
        type = call.signature.result
        ignoresNulls = call.ignoresNulls
        frames = ValueSource.isLagOrLead(kind) ? nil : try WindowFrames(bucket, call.frame)
        offsets = call.arguments.count > 1 ? bucket.integers(call.arguments[1]) : nil
        if ignoresNulls, source.values.mayHaveNulls { findNotNull(source.values) }
    }

    private func findNotNull(_ column: Vector) {
        let list = Buffer(byteCount: bucket.count * 4 + 4)
        let before = Buffer(byteCount: (bucket.count + 1) * 4)
        let positions = list.pointer.assumingMemoryBound(to: UInt32.self)
        let counts = before.pointer.assumingMemoryBound(to: UInt32.self)
        let bits = column.view.validity
        var found = 0
        for position in 0..<bucket.count {
            counts[position] = UInt32(truncatingIfNeeded: found)
            positions[found] = UInt32(truncatingIfNeeded: position)
            if Validity.isValid(bits, Int(bucket.rows[position])) { found += 1 }
        }
        counts[bucket.count] = UInt32(truncatingIfNeeded: found)
        notNull = list
        notNullBefore = before
    }

    func results(from start: Int, count: Int) throws -> Vector {
        let codesBuffer = Buffer(byteCount: count * 4)
        let codes = codesBuffer.pointer.assumingMemoryBound(to: UInt32.self)
        let missing = Validity.makeBits(count, valid: true)
        let bits = missing.pointer.assumingMemoryBound(to: UInt64.self)
        var hasMissing = false
        for index in 0..<count {
            let position = start + index
            switch try target(of: position) {
            case .position(let found): codes[index] = bucket.rows[found]
            case .fallback:
                if let defaultIsConstant = source.defaultIsConstant {
                    codes[index] = UInt32(
                        truncatingIfNeeded: source.rowCount + (defaultIsConstant ? 0 : Int(bucket.rows[position])))
                    continue
                }
                codes[index] = 0
                Validity.setNull(bits, index)
                hasMissing = true
            case .null:
                codes[index] = 0
                Validity.setNull(bits, index)
                hasMissing = true
            }
        }
        return JoinColumns.pick(
            source.values, codes, count: count, owner: codesBuffer, missing: hasMissing ? UnsafePointer(bits) : nil,
            missingOwner: missing)
    }

    private enum Target {
        case position(Int)
        /// Outside of the partition: lag's and lead's default.
        case fallback
        case null
    }

    private func target(of position: Int) throws -> Target {
        switch kind {
        case .lag, .lead:
            var offset: Int64 = 1
            if let offsets {
                guard offsets.1[position] != 0 else { return .null }
                offset = offsets.0[position]
                guard offset >= 0 else {
                    throw QueryError(.invalidFunctionArgument, "Offset must be at least 0")
                }
            }
            return shifted(position, Int(min(offset, Int64(UInt32.max))))
        case .nthValue:
            guard let offsets, let frames else { return .null }
            guard offsets.1[position] != 0 else { return .null }
            guard offsets.0[position] >= 1 else {
                throw QueryError(.invalidFunctionArgument, "Offset must be at least 1")
            }
            return nth(frames, position, Int(min(offsets.0[position], Int64(UInt32.max))))
        case .firstValue: return frames.map { nth($0, position, 1) } ?? .null
        case .lastValue:
            guard let frames else { return .null }
            let low = Int(frames.start[position])
            let high = Int(frames.end[position])
            guard low < high else { return .null }
            guard let notNull, let notNullBefore else { return .position(high - 1) }
            let counts = notNullBefore.pointer.assumingMemoryBound(to: UInt32.self)
            guard counts[high] > counts[low] else { return .null }
            return .position(Int(notNull.pointer.assumingMemoryBound(to: UInt32.self)[Int(counts[high]) - 1]))
        case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile: return .null
        }
    }

    /// The n-th (from 1) position of a frame that counts.
    private func nth(_ frames: WindowFrames, _ position: Int, _ number: Int) -> Target {
        let low = Int(frames.start[position])
        let high = Int(frames.end[position])
        guard low < high else { return .null }
        guard let notNull, let notNullBefore else {
            return low + number - 1 < high ? .position(low + number - 1) : .null
        }
        let counts = notNullBefore.pointer.assumingMemoryBound(to: UInt32.self)
        let wanted = Int(counts[low]) + number - 1
        guard wanted < Int(counts[high]) else { return .null }
        return .position(Int(notNull.pointer.assumingMemoryBound(to: UInt32.self)[wanted]))
    }

    /// The position `offset` rows before or after, counting only those that are not null where nulls are ignored.
    private func shifted(_ position: Int, _ offset: Int) -> Target {
        let low = Int(bucket.partitionStart[position])
        let high = Int(bucket.partitionEnd[position])
        var isLag = false
        if case .lag = kind { isLag = true }
        guard let notNull, let notNullBefore, offset > 0 else {
            let found = isLag ? position - offset : position + offset
            return found >= low && found < high ? .position(found) : .fallback
        }
        let counts = notNullBefore.pointer.assumingMemoryBound(to: UInt32.self)
        let positions = notNull.pointer.assumingMemoryBound(to: UInt32.self)
        // Those before the position, or up to and with it.
        let wanted = isLag ? Int(counts[position]) - offset : Int(counts[position + 1]) + offset - 1
        guard wanted >= Int(counts[low]), wanted < Int(counts[high]) else { return .fallback }
        return .position(Int(positions[wanted]))
    }
}

/// What the results of a value function point into: the argument's column, then the defaults of lag or lead.
struct ValueSource: Sendable {
    let values: Vector
    /// Rows of the argument's column; defaults lie behind them.
    let rowCount: Int
    /// Nil: there is no default.
    let defaultIsConstant: Bool?

    static func isLagOrLead(_ kind: WindowFunction.Kind) -> Bool {
        switch kind {
        case .lag, .lead: true
        case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile, .firstValue, .lastValue, .nthValue: false
        }
    }

    init(
        _ call: WindowSpecification.Call, _ kind: WindowFunction.Kind, columns: [Vector], rowCount: Int
    ) throws {
        guard let argument = call.arguments.first else {
            throw QueryError(.genericInternalError, "A value window function has no argument")
        }
        let column: Vector
        switch argument {
        case .column(let position): column = columns[position]
        case .constant(let value, let type):
            // Codes are row numbers: one value for all of them.
            let zeros = Buffer(byteCount: max(rowCount, 1) * 4)
            let codes = zeros.pointer.assumingMemoryBound(to: UInt32.self)
            codes.update(repeating: 0, count: rowCount)
            column = Vector.fromValues([value], type).gather(codes, count: rowCount)
        }
        self.rowCount = rowCount
        guard Self.isLagOrLead(kind), call.arguments.count > 2 else {
            values = column
            defaultIsConstant = nil
            return
        }
        switch call.arguments[2] {
        case .constant(.null, _):
            values = column
            defaultIsConstant = nil
        case .constant(let value, let type):
            values = Vector.concatenate([column, .fromValues([value], type)], type: column.type)
            defaultIsConstant = true
        case .column(let position):
            values = Vector.concatenate([column, columns[position]], type: column.type)
            defaultIsConstant = false
        }
    }
}
