import SQLTypes

/// Builds a vector of any type row by row, nested types included: for formats whose rows must be read one after the
/// other (JSON, nested fields of delimited text).
///
/// A list or map grows its children and then appends the entry; a row appends to each child and then itself. `cut`
/// takes rows back that turned out to be broken.
public final class ValueAppender {
    public let type: DataType
    public let physical: PhysicalType
    public let parser: ScalarParser
    /// Elements of an array, keys and values of a map, fields of a row.
    public let children: [ValueAppender]
    /// What changes with every value lies behind a pointer: class properties would be checked for exclusive access.
    @usableFromInline let state: UnsafeMutablePointer<State>
    @usableFromInline let width: Int
    private var buffer: Buffer
    private var bits: Buffer?
    private var heap: StringHeap?
    private var owners: [AnyObject] = []

    @usableFromInline
    struct State {
        @usableFromInline var count = 0
        @usableFromInline var capacity: Int
        @usableFromInline var values: UnsafeMutableRawPointer
        /// Some row is null, so that vectors without any need no bitmap.
        @usableFromInline var hasNulls = false

        @usableFromInline
        init(capacity: Int, values: UnsafeMutableRawPointer) {
            self.capacity = capacity
            self.values = values
        }
    }

    /// Rows appended.
    @inlinable @inline(__always)
    public var count: Int { state.pointee.count }

    public init(_ type: DataType, _ rules: TextValueRules = TextValueRules(), capacity: Int = 256) {
        self.type = type
        physical = type.physical
        parser = ScalarParser(type, rules)
        switch type {
        case .array(let element): children = [ValueAppender(element, rules, capacity: capacity)]
        case .map(let key, let value):
            children = [ValueAppender(key, rules, capacity: capacity), ValueAppender(value, rules, capacity: capacity)]
        case .row(let fields): children = fields.map { ValueAppender($0.type, rules, capacity: capacity) }
        default: children = []
        }
        width = physical.byteCount
        let room = max(capacity, 16)
        buffer = Buffer(byteCount: max(room * width, 16))
        state = .allocate(capacity: 1)
        state.initialize(to: State(capacity: room, values: buffer.pointer))
    }

    deinit { state.deallocate() }

    /// The memory for the next value, which `count` does not include yet.
    @inlinable @inline(__always)
    func nextLane() -> UnsafeMutableRawPointer {
        if state.pointee.count == state.pointee.capacity { grow() }
        return state.pointee.values + state.pointee.count &* width
    }

    @usableFromInline
    func grow() {
        let (count, capacity) = (state.pointee.count, state.pointee.capacity)
        let larger = Buffer(byteCount: max(capacity * 2 * width, 16))
        larger.pointer.copyMemory(from: state.pointee.values, byteCount: count * width)
        if let old = bits {
            let grown = Validity.makeBits(capacity * 2, valid: true)
            grown.pointer.copyMemory(from: old.pointer, byteCount: Validity.wordCount(count) * 8)
            bits = grown
        }
        buffer = larger
        state.pointee.capacity = capacity * 2
        state.pointee.values = larger.pointer
    }

    /// Appends a value of the physical type.
    @inlinable @inline(__always)
    public func append<T>(_ value: T) {
        nextLane().storeBytes(of: value, as: T.self)
        state.pointee.count &+= 1
    }

    public func appendNull() {
        let lane = nextLane()
        lane.initializeMemory(as: UInt8.self, repeating: 0, count: width)
        let made: Buffer
        if let bits {
            made = bits
        } else {
            made = Validity.makeBits(state.pointee.capacity, valid: true)
            bits = made
        }
        Validity.setNull(made.pointer.assumingMemoryBound(to: UInt64.self), count)
        state.pointee.hasNulls = true
        state.pointee.count &+= 1
        if physical == .row { for child in children { child.appendNull() } }
    }

    /// Appends a scalar's text; false (and nothing appended) when it is no value of the type. Long text is referred
    /// to: `keepAlive` its memory.
    public func appendText(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        guard parser.parse(start, end, into: nextLane(), heap: strings) else { return false }
        state.pointee.count &+= 1
        return true
    }

    /// Appends the entry of a list or map whose elements were appended to the children since `offset`.
    public func appendEntry(from offset: Int) {
        append(
            ListEntry(
                offset: UInt32(truncatingIfNeeded: offset),
                count: UInt32(truncatingIfNeeded: children[0].count - offset)))
    }

    /// Appends a row whose fields were appended to the children.
    @inlinable @inline(__always)
    public func appendRow() {
        if state.pointee.count == state.pointee.capacity { grow() }
        state.pointee.count &+= 1
    }

    /// For text that has to be changed before it is referred to.
    public var strings: StringHeap {
        if let heap { return heap }
        let made = StringHeap()
        heap = made
        return made
    }

    /// Keeps `owner` alive with this and all child vectors.
    public func keepAlive(_ owner: AnyObject) {
        if physical == .string, owners.last !== owner { owners.append(owner) }
        for child in children { child.keepAlive(owner) }
    }

    /// Takes back all values from `newCount` on, of the children too.
    public func cut(to newCount: Int) {
        guard newCount < count else {
            if physical == .row { for child in children { child.cut(to: newCount) } }
            return
        }
        if state.pointee.hasNulls, let bits {
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            for row in newCount..<count { Validity.setValid(words, row) }
        }
        switch physical {
        case .row: for child in children { child.cut(to: newCount) }
        case .list, .map:
            let entry = state.pointee.values.assumingMemoryBound(to: ListEntry.self)[newCount]
            // A null's entry is empty and says nothing about the children.
            if entry.count > 0 { for child in children { child.cut(to: Int(entry.offset)) } }
        default: break
        }
        state.pointee.count = newCount
    }

    /// The appended rows as a vector; the appender starts anew.
    public func finish() -> Vector {
        var kept: [AnyObject] = [buffer]
        let hasNulls = state.pointee.hasNulls
        if hasNulls, let bits { kept.append(bits) }
        if let heap { kept.append(heap) }
        kept.append(contentsOf: owners)
        let validity = hasNulls ? bits.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self)) } : nil
        let vector = Vector(
            type: type, count: count,
            values: physical == .row ? ConstantLanes.zeros : UnsafeRawPointer(state.pointee.values), validity: validity,
            children: children.map { $0.finish() }, owners: kept)
        bits = nil
        heap = nil
        owners = []
        let capacity = state.pointee.capacity
        buffer = Buffer(byteCount: max(capacity * width, 16))
        state.pointee = State(capacity: capacity, values: buffer.pointer)
        return vector
    }
}
