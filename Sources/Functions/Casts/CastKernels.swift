import Columnar
import SQLTypes

/// A cast between two fixed types: lanes that are null stay null.
public typealias CastKernel = (_ argument: Vector, _ rows: Rows) throws -> Vector

/// The casts of Trino between all types: which there are, which can raise, and their kernels.
///
/// The matrix is split by source: `NumberCasts`, `TextCasts`, `DateTimeCasts`, `JSONCasts`, `NestedCasts`.
public enum CastKernels {
    /// Whether `CAST(source AS target)` exists. (TYPE_MISMATCH `Cannot cast x to y` is the binder's to raise.)
    public static func canCast(from source: DataType, to target: DataType) -> Bool {
        if source == target || source == .unknown { return true }
        switch (source, target) {
        case (.function, _), (_, .function), (_, .unknown): return false
        case (.array(let a), .array(let b)): return canCast(from: a, to: b)
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            return canCast(from: aKey, to: bKey) && canCast(from: aValue, to: bValue)
        case (.row(let a), .row(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { canCast(from: $0.type, to: $1.type) }
        case (_, .json): return canCastToJSON(source)
        case (.json, _): return canCastFromJSON(target)
        case (.array, _), (.map, _), (.row, _), (_, .array), (_, .map), (_, .row): return false
        case (.varbinary, .sketch), (.sketch, .varbinary), (.varbinary, .uuid), (.uuid, .varbinary),
            (.varbinary, .ipaddress), (.ipaddress, .varbinary), (.varchar, .varbinary), (.char, .varbinary):
            return true
        case (.sketch, _), (_, .sketch), (.varbinary, _), (_, .varbinary): return false
        case (.varchar, _), (.char, _): return true
        case (_, .varchar), (_, .char): return true
        case (.uuid, _), (.ipaddress, _), (_, .uuid), (_, .ipaddress): return false
        case (.intervalYearToMonth, _), (.intervalDayToSecond, _), (_, .intervalYearToMonth), (_, .intervalDayToSecond):
            return false
        default: break
        }
        let sourceIsNumber = source.isNumeric || source == .boolean
        let targetIsNumber = target.isNumeric || target == .boolean
        if sourceIsNumber || targetIsNumber { return sourceIsNumber && targetIsNumber }
        switch (source, target) {
        case (.date, .timestamp), (.date, .timestampWithTimeZone): return true
        case (.date, _): return false
        case (.time, .date), (.timeWithTimeZone, .date): return false
        default: return true
        }
    }

    private static func canCastToJSON(_ source: DataType) -> Bool {
        switch source {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .json, .date,
            .timestamp, .unknown:
            true
        case .array(let element): canCastToJSON(element)
        case .map(let key, let value):
            switch key {
            case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar:
                canCastToJSON(value)
            default: false
            }
        case .row(let fields): fields.allSatisfy { canCastToJSON($0.type) }
        default: false
        }
    }

    private static func canCastFromJSON(_ target: DataType) -> Bool {
        switch target {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .json: true
        case .array(let element): canCastFromJSON(element)
        case .map(let key, let value):
            switch key {
            case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar:
                canCastFromJSON(value)
            default: false
            }
        case .row(let fields): fields.allSatisfy { canCastFromJSON($0.type) }
        default: false
        }
    }

    /// No value of `source` makes the cast raise.
    public static func cannotRaise(from source: DataType, to target: DataType) -> Bool {
        if source == target || source == .unknown { return true }
        switch (source, target) {
        case (.array(let a), .array(let b)): return cannotRaise(from: a, to: b)
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            return aKey == bKey && cannotRaise(from: aValue, to: bValue)
        case (.row(let a), .row(let b)): return zip(a, b).allSatisfy { cannotRaise(from: $0.type, to: $1.type) }
        case (.json, _): return false
        case (_, .json), (_, .boolean): return !source.isCharacter || target == .json
        case (.varchar, .varchar), (.char, .varchar), (.varchar, .char), (.char, .char), (.varchar, .varbinary),
            (.char, .varbinary):
            return true
        case (.varchar, _), (.char, _): return false
        case (_, .varchar(let length)): return length == nil
        case (_, .real), (_, .double): return true
        case (.decimal(let p1, let s1), .decimal(let p2, let s2)): return s2 >= s1 && p2 - s2 >= p1 - s1
        case (_, .decimal(let precision, let scale)):
            guard case .decimal(let digits, _)? = source.asDecimal else {
                return source == .boolean && precision > scale
            }
            return precision - scale >= digits
        case (.timestamp(let a), .timestamp(let b)): return a <= b && (a > 6) == (b > 6)
        case (.timestampWithTimeZone, .timestampWithTimeZone), (.time, _), (.timeWithTimeZone, _),
            (.timestamp, .date), (.timestamp, .time), (.timestampWithTimeZone, .date), (.timestampWithTimeZone, .time),
            (.timestamp, .timestampWithTimeZone):
            return true
        default:
            guard source.isInteger || source == .boolean, target.isInteger else { return false }
            return source == .boolean || source.physical.byteCount <= target.physical.byteCount
        }
    }

    /// The kernel of a cast. With `isTry` (TRY_CAST) a value that cannot be cast becomes NULL.
    public static func make(
        from source: DataType, to target: DataType, isTry: Bool, context: EvaluationContext
    ) throws -> CastKernel {
        if source == target { return { argument, _ in argument } }
        if source == .unknown { return { _, rows in Vector.constant(.null, target, count: rows.count) } }
        guard canCast(from: source, to: target) else {
            throw QueryError(.typeMismatch, "Cannot cast \(source.displayName) to \(target.displayName)")
        }
        switch (source, target) {
        case (.array, .array), (.map, .map), (.row, .row):
            let kernel = try NestedCasts.make(from: source, to: target, context: context)
            return isTry ? rowByRow(kernel, target) : kernel
        case (.json, _):
            let kernel = JSONCasts.fromJSON(to: target)
            return isTry ? rowByRow(kernel, target) : kernel
        case (_, .json): return JSONCasts.toJSON(from: source)
        case (.varchar, _), (.char, _):
            return try TextCasts.make(from: source, to: target, isTry: isTry, context: context)
        case (_, .varchar), (_, .char): return TextCasts.toText(from: source, to: target, isTry: isTry)
        case (.varbinary, _), (.sketch, _), (.uuid, _), (.ipaddress, _):
            return TextCasts.bytes(from: source, to: target, isTry: isTry)
        case (.boolean, _), (.tinyint, _), (.smallint, _), (.integer, _), (.bigint, _), (.real, _), (.double, _),
            (.decimal, _):
            return NumberCasts.make(from: source, to: target, isTry: isTry)
        default: return try DateTimeCasts.make(from: source, to: target, isTry: isTry, context: context)
        }
    }

    /// NULL for the rows that raise, found by halving.
    private static func rowByRow(_ kernel: @escaping CastKernel, _ target: DataType) -> CastKernel {
        { argument, rows in
            do { return try kernel(argument, rows) } catch let error as QueryError where error.code.isCaughtByTry {
                var values = [Value](repeating: .null, count: rows.count)
                try rows.forEach { row in
                    let one = Rows(count: rows.count, selection: Selection([row]))
                    do { values[row] = try kernel(argument, one).value(at: row) } catch let error as QueryError
                        where error.code.isCaughtByTry
                    {}
                }
                return Vector.fromValues(values, target)
            }
        }
    }

    // MARK: Drivers

    /// Converts fixed-width lanes; on a dictionary each entry once, and an entry that raises does so only when a wanted
    /// row uses it.
    @inline(__always)
    static func convert<A, R>(
        _ argument: Vector, _ rows: Rows, _ target: DataType, isTry: Bool, _: A.Type, _: R.Type,
        _ body: (A) throws -> R
    ) throws -> Vector {
        let lanes = CastLanes(argument, rows, target, isTry: isTry)
        let out = lanes.builder.pointer(as: R.self)
        let view = lanes.view
        let indices = lanes.indices
        for position in 0..<lanes.count {
            let row = indices.map { Int($0[position]) } ?? position
            guard view.isValid(row) else {
                lanes.builder.setNull(row)
                continue
            }
            do { out[row] = try body(view.load(row, as: A.self)) } catch { try lanes.failed(row, error) }
        }
        return try lanes.finish()
    }

    /// Reads text lanes.
    @inline(__always)
    static func parse<R>(
        _ argument: Vector, _ rows: Rows, _ target: DataType, isTry: Bool, _: R.Type,
        _ body: (UnsafeBufferPointer<UInt8>) throws -> R
    ) throws -> Vector {
        try convert(argument, rows, target, isTry: isTry, StringView.self, R.self) { try $0.withBytes(body) }
    }

    /// Writes lanes as text into a varchar or char. A text longer than varchar(n) raises.
    @inline(__always)
    static func print<A>(
        _ argument: Vector, _ rows: Rows, _ target: DataType, isTry: Bool, _: A.Type,
        _ body: (A, inout [UInt8]) -> Void
    ) throws -> Vector {
        let heap = StringHeap()
        var scratch: [UInt8] = []
        scratch.reserveCapacity(64)
        var limit = Int.max
        if case .varchar(let length?) = target { limit = length }
        if case .char(let length) = target { limit = length }
        let vector = try convert(argument, rows, target, isTry: isTry, A.self, StringView.self) { value in
            scratch.removeAll(keepingCapacity: true)
            body(value, &scratch)
            if scratch.count > limit {
                throw QueryError(
                    .invalidCastArgument,
                    "Value \(String(decoding: scratch, as: UTF8.self)) cannot be represented as \(target.displayName)")
            }
            return scratch.withUnsafeBufferPointer { heap.append($0) }
        }
        return vector.keeping(heap)
    }
}

/// The lanes that a cast works on, the rows or the entries of a dictionary, and what raised among them.
final class CastLanes {
    let view: VectorView
    let builder: FlatBuilder
    /// How many lanes to work on: those at `indices`, or all from 0.
    let count: Int
    let indices: UnsafePointer<UInt32>?
    private let argument: Vector
    private let rows: Rows
    private let isTry: Bool
    private let isByEntry: Bool
    private var errors: [Int: any Error] = [:]

    init(_ argument: Vector, _ rows: Rows, _ target: DataType, isTry: Bool) {
        self.argument = argument
        self.rows = rows
        self.isTry = isTry
        if Kernel.prefersDictionary(argument, rows), let dictionary = argument.dictionary {
            isByEntry = true
            view = dictionary.view
            count = dictionary.count
            indices = nil
            builder = FlatBuilder(target, capacity: dictionary.count)
        } else {
            isByEntry = false
            view = argument.view
            count = rows.selectedCount
            indices = rows.selection?.indices
            builder = FlatBuilder(target, capacity: rows.count)
        }
        builder.zero()
    }

    /// Takes note of a lane that raised, or raises.
    func failed(_ lane: Int, _ error: any Error) throws {
        if isTry, let known = error as? QueryError, known.code.isCaughtByTry {
            builder.setNull(lane)
        } else if isByEntry {
            errors[lane] = error
            builder.setNull(lane)
        } else {
            throw error
        }
    }

    func finish() throws -> Vector {
        guard isByEntry, let codes = argument.codes else { return builder.finish(count: rows.count) }
        if !errors.isEmpty {
            let validity = argument.validity
            try rows.forEach { row in
                if Validity.isValid(validity, row), let error = errors[Int(codes[row])] { throw error }
            }
        }
        return Kernel.rewrapped(argument, entries: builder.finish(count: count))
    }
}

extension Vector {
    /// The same vector with one more owner, for heaps that its views point into.
    func keeping(_ owner: AnyObject) -> Vector {
        if encoding == .dictionary, let dictionary, let codes {
            return Vector(
                dictionary: dictionary.keeping(owner), codes: codes, count: count, validity: validity, owners: owners)
        }
        return Vector(
            type: type, encoding: encoding, count: count, values: values, validity: validity, children: children,
            owners: owners + [owner])
    }
}
