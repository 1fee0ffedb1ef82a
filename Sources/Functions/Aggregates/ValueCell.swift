import Columnar
import Glibc
import SQLTypes

/// A place for one value of any type inside an aggregate state: 24 bytes.
///
/// ```
/// fixed width   low, high: the value
/// strings       low, high: a StringView; long bytes lie in memory of the cell's own
/// nested        low: length, high: address of the NestedValues form in memory of the cell's own
/// flags         1: set, 2: null, above 8: bytes of own memory
/// ```
/// All zero bytes are an empty cell.
struct ValueCell {
    var low: UInt64
    var high: UInt64
    var flags: UInt64

    static let setFlag: UInt64 = 1
    static let nullFlag: UInt64 = 2

    var isSet: Bool { flags & Self.setFlag != 0 }
    var isNull: Bool { flags & Self.nullFlag != 0 }
    private var ownedByteCount: Int { Int(flags >> 8) }

    /// Room for `count` bytes of the cell's own.
    private mutating func room(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
        let owned = ownedByteCount
        if owned >= count, let kept = UnsafeMutablePointer<UInt8>(bitPattern: UInt(high)) { return kept }
        release()
        let wanted = max(count + count / 2, 32)
        guard let memory = malloc(wanted) else { return nil }
        flags = (flags & 0xff) | UInt64(wanted) << 8
        high = UInt64(UInt(bitPattern: memory))
        return memory.assumingMemoryBound(to: UInt8.self)
    }

    /// Own memory lies at `high` only while the value is long; so a short string first gives it back.
    mutating func release() {
        if ownedByteCount > 0 { free(UnsafeMutableRawPointer(bitPattern: UInt(high))) }
        flags &= 0xff
        low = 0
        high = 0
    }

    mutating func set(bytes: UnsafeBufferPointer<UInt8>, isString: Bool) {
        flags = (flags & ~Self.nullFlag) | Self.setFlag
        guard let start = bytes.baseAddress else {
            release()
            return
        }
        if isString, bytes.count <= StringView.inlineLimit {
            release()
            let view = StringView(start, bytes.count)
            low = view.low
            high = view.high
            return
        }
        guard let place = room(bytes.count) else { return }
        place.update(from: start, count: bytes.count)
        if isString {
            let view = StringView(UnsafePointer(place), bytes.count)
            low = view.low
        } else {
            low = UInt64(bytes.count)
        }
    }

    mutating func setNull() {
        release()
        flags = Self.setFlag | Self.nullFlag
    }

    mutating func set(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
        flags = Self.setFlag
    }

    /// Takes the other cell's value. Memory has one owner, so that a cell with memory is left empty; others stay as
    /// they are, for windows combine plain states any number of times.
    mutating func take(_ other: inout ValueCell) {
        release()
        self = other
        if ownedByteCount > 0 { other = ValueCell(low: 0, high: 0, flags: 0) }
    }
}

/// Reads, writes and compares cells of one type.
struct CellAccess {
    let type: DataType
    let physical: PhysicalType

    init(_ type: DataType) {
        self.type = type
        physical = type.physical
    }

    var ownsMemory: Bool {
        switch physical {
        case .string, .list, .map, .row: true
        default: false
        }
    }

    /// Sets a cell to row `row`, which may be null.
    func store(_ vector: Vector, _ view: VectorView, _ row: Int, _ cell: UnsafeMutablePointer<ValueCell>) {
        guard view.isValid(row) else {
            cell.pointee.setNull()
            return
        }
        switch physical {
        case .boolean, .int8: cell.pointee.set(low: UInt64(view.load(row, as: UInt8.self)), high: 0)
        case .int16: cell.pointee.set(low: UInt64(view.load(row, as: UInt16.self)), high: 0)
        case .int32, .float: cell.pointee.set(low: UInt64(view.load(row, as: UInt32.self)), high: 0)
        case .int64, .double: cell.pointee.set(low: view.load(row, as: UInt64.self), high: 0)
        case .int128:
            let words = view.load(row, as: StringView.self)
            cell.pointee.set(low: words.low, high: words.high)
        case .string: view.load(row, as: StringView.self).withBytes { cell.pointee.set(bytes: $0, isString: true) }
        case .list, .map, .row:
            var bytes: [UInt8] = []
            NestedValues.append(vector, row, to: &bytes)
            bytes.withUnsafeBufferPointer { cell.pointee.set(bytes: $0, isString: false) }
        }
    }

    /// Cells as a flat vector: empty ones are NULL.
    func vector(_ count: Int, _ cell: (Int) -> UnsafePointer<ValueCell>) -> Vector {
        switch physical {
        case .list, .map, .row:
            let builder = NestedValues.Builder(type)
            for index in 0..<count {
                let value = cell(index).pointee
                guard value.isSet, !value.isNull, var cursor = UnsafeRawPointer(bitPattern: UInt(value.high)) else {
                    builder.appendNull()
                    continue
                }
                builder.append(&cursor)
            }
            return builder.finish()
        default:
            let builder = FlatBuilder(type, capacity: count)
            for index in 0..<count {
                let value = cell(index).pointee
                guard value.isSet, !value.isNull else {
                    builder.setNull(index)
                    continue
                }
                switch physical {
                case .boolean, .int8: builder.pointer(as: UInt8.self)[index] = UInt8(truncatingIfNeeded: value.low)
                case .int16: builder.pointer(as: UInt16.self)[index] = UInt16(truncatingIfNeeded: value.low)
                case .int32, .float: builder.pointer(as: UInt32.self)[index] = UInt32(truncatingIfNeeded: value.low)
                case .int64, .double: builder.pointer(as: UInt64.self)[index] = value.low
                case .int128:
                    builder.pointer(as: StringView.self)[index] = StringView(low: value.low, high: value.high)
                default:
                    builder.pointer(as: StringView.self)[index] =
                        builder.strings.copy(StringView(low: value.low, high: value.high))
                }
            }
            return builder.finish(count: count)
        }
    }

    /// The order of row `row`, which is not null, against a set cell.
    func compare(_ vector: Vector, _ view: VectorView, _ row: Int, _ cell: UnsafePointer<ValueCell>) -> Int {
        let value = cell.pointee
        switch physical {
        case .boolean: return order(view.load(row, as: UInt8.self), UInt8(truncatingIfNeeded: value.low))
        case .int8: return order(view.load(row, as: Int8.self), Int8(truncatingIfNeeded: value.low))
        case .int16: return order(view.load(row, as: Int16.self), Int16(truncatingIfNeeded: value.low))
        case .int32: return order(view.load(row, as: Int32.self), Int32(truncatingIfNeeded: value.low))
        case .int64: return order(view.load(row, as: Int64.self), Int64(bitPattern: value.low))
        case .string:
            return StringView.compare(
                view.load(row, as: StringView.self), StringView(low: value.low, high: value.high))
        case .int128, .float, .double, .list, .map, .row:
            return Comparison.compare(vector, row, self.vector(1) { _ in cell }, 0)
        }
    }

    func compare(_ left: UnsafePointer<ValueCell>, _ right: UnsafePointer<ValueCell>) -> Int {
        let one = vector(1) { _ in left }
        return compare(one, one.view, 0, right)
    }

    @inline(__always)
    private func order<T: Comparable>(_ left: T, _ right: T) -> Int { left < right ? -1 : (left == right ? 0 : 1) }
}
