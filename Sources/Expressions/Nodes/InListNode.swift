import Columnar
import Functions
import SQLTypes

/// `operand IN (constants)` of a type whose equality is that of its bits: a small range of integers as a bitmap,
/// other values in a hash set.
///
/// A NULL in the list makes a miss NULL.
final class InListNode: ExpressionNode {
    private let operand: ExpressionNode
    private let members: Members
    private let holdsNull: Bool

    private enum Members {
        case none
        case bitmap(UnsafeMutablePointer<UInt64>, low: Int64, span: UInt64)
        case integers(IntegerSet)
        case strings(StringSet)
    }

    /// Integers further apart than this use the hash set.
    private static let bitmapSpan: UInt64 = 1 << 16

    init(_ operand: ExpressionNode, _ list: [Value], _ type: DataType) {
        self.operand = operand
        holdsNull = list.contains { $0.isNull }
        let values = list.filter { !$0.isNull }
        if values.isEmpty {
            members = .none
        } else if type.physical == .string {
            members = .strings(StringSet(values))
        } else if type.physical == .int128 {
            members = .integers(IntegerSet(values.map(Self.bits)))
        } else {
            let integers = values.map { Int64(truncatingIfNeeded: Self.bits($0)) }
            let low = integers.min() ?? 0
            let high = integers.max() ?? 0
            let span = UInt64(bitPattern: high &- low)
            if span < Self.bitmapSpan {
                let words = Int(span >> 6) + 1
                let bitmap = UnsafeMutablePointer<UInt64>.allocate(capacity: words)
                bitmap.initialize(repeating: 0, count: words)
                for integer in integers {
                    let place = UInt64(bitPattern: integer &- low)
                    bitmap[Int(place >> 6)] |= 1 << (place & 63)
                }
                members = .bitmap(bitmap, low: low, span: span)
            } else {
                members = .integers(IntegerSet(integers.map { Int128($0) }))
            }
        }
        super.init(.boolean)
    }

    deinit { if case .bitmap(let bitmap, _, _) = members { bitmap.deallocate() } }

    private static func bits(_ value: Value) -> Int128 {
        switch value {
        case .boolean(let flag): flag ? 1 : 0
        case .int(let number): Int128(number)
        case .int128(let number): number
        case .null, .real, .double, .bytes, .array, .map, .row: 0
        }
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        let value = try operand.evaluate(input)
        if value.isConstant { return Selecting.rowsTrue(try evaluate(input), input.rows) }
        switch (members, value.physical) {
        case (.none, _): return .none
        case (.bitmap(let bitmap, let low, let span), .int32):
            return Selecting.rows(value, input.rows, Int32.self) { Self.isMember(Int64($0), bitmap, low, span) }
        case (.bitmap(let bitmap, let low, let span), .int64):
            return Selecting.rows(value, input.rows, Int64.self) { Self.isMember($0, bitmap, low, span) }
        case (.integers(let set), .int32):
            return Selecting.rows(value, input.rows, Int32.self) { set.contains(Int128($0)) }
        case (.integers(let set), .int64):
            return Selecting.rows(value, input.rows, Int64.self) { set.contains(Int128($0)) }
        case (.strings(let set), .string):
            return Selecting.rows(value, input.rows, StringView.self) { set.contains($0) }
        default: return Selecting.rowsTrue(membership(value, input.rows), input.rows)
        }
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(.boolean, count) }
        let value = try operand.evaluate(input)
        if value.isConstant {
            return withNullMisses(membership(value.repeated(1), Rows(count: 1)).flattened(), 1).asConstant(count)
        }
        return withNullMisses(membership(value, input.rows), count)
    }

    private func membership(_ value: Vector, _ rows: Rows) -> Vector {
        func test<T>(_: T.Type, _ contains: (T) -> Bool) -> Vector {
            Kernel.unary(value, rows, as: .boolean, T.self, UInt8.self) { contains($0) ? 1 : 0 }
        }
        switch members {
        case .none: return test(UInt8.self) { _ in false }
        case .bitmap(let bitmap, let low, let span):
            switch value.physical {
            case .boolean: return test(UInt8.self) { Self.isMember(Int64($0), bitmap, low, span) }
            case .int8: return test(Int8.self) { Self.isMember(Int64($0), bitmap, low, span) }
            case .int16: return test(Int16.self) { Self.isMember(Int64($0), bitmap, low, span) }
            case .int32: return test(Int32.self) { Self.isMember(Int64($0), bitmap, low, span) }
            default: return test(Int64.self) { Self.isMember($0, bitmap, low, span) }
            }
        case .integers(let set):
            switch value.physical {
            case .int32: return test(Int32.self) { set.contains(Int128($0)) }
            case .int64: return test(Int64.self) { set.contains(Int128($0)) }
            default: return test(Int128.self) { set.contains($0) }
            }
        case .strings(let set): return test(StringView.self) { set.contains($0) }
        }
    }

    @inline(__always)
    private static func isMember(_ value: Int64, _ bitmap: UnsafeMutablePointer<UInt64>, _ low: Int64, _ span: UInt64)
        -> Bool
    {
        let place = UInt64(bitPattern: value &- low)
        return place <= span && bitmap[Int(truncatingIfNeeded: place &>> 6)] &>> (place & 63) & 1 != 0
    }

    private func withNullMisses(_ found: Vector, _ count: Int) -> Vector {
        guard holdsNull else { return found }
        let builder = FlatBuilder(.boolean, capacity: count)
        let target = builder.pointer(as: UInt8.self)
        let view = found.view
        for row in 0..<count {
            if view.isValid(row), view.load(row, as: UInt8.self) != 0 { target[row] = 1 } else { builder.setNull(row) }
        }
        return builder.finish(count: count)
    }
}

/// A set of integers with open addressing.
final class IntegerSet {
    private let slots: UnsafeMutablePointer<Int128>
    private let used: UnsafeMutablePointer<Bool>
    private let mask: Int

    init(_ values: [Int128]) {
        var capacity = 8
        while capacity < values.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: 0, count: capacity)
        used = .allocate(capacity: capacity)
        used.initialize(repeating: false, count: capacity)
        for value in values {
            var place = Self.hash(value) & mask
            while used[place], slots[place] != value { place = (place + 1) & mask }
            used[place] = true
            slots[place] = value
        }
    }

    deinit {
        slots.deallocate()
        used.deallocate()
    }

    @inline(__always)
    private static func hash(_ value: Int128) -> Int {
        Int(
            truncatingIfNeeded: Hashing.hash(
                UInt64(truncatingIfNeeded: value) ^ UInt64(truncatingIfNeeded: value >> 64)) &>> 8)
    }

    @inline(__always)
    func contains(_ value: Int128) -> Bool {
        var place = Self.hash(value) & mask
        while used[place] {
            if slots[place] == value { return true }
            place = (place &+ 1) & mask
        }
        return false
    }
}

/// A set of strings with open addressing.
final class StringSet {
    private let slots: UnsafeMutablePointer<StringView>
    private let used: UnsafeMutablePointer<Bool>
    private let mask: Int
    private let heap = StringHeap()

    init(_ values: [Value]) {
        var capacity = 8
        while capacity < values.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: StringView(), count: capacity)
        used = .allocate(capacity: capacity)
        used.initialize(repeating: false, count: capacity)
        for case .bytes(let bytes) in values {
            let view = bytes.withUnsafeBufferPointer { heap.append($0) }
            var place = Self.hash(view) & mask
            while used[place], !(slots[place] == view) { place = (place + 1) & mask }
            used[place] = true
            slots[place] = view
        }
    }

    deinit {
        slots.deallocate()
        used.deallocate()
    }

    @inline(__always)
    private static func hash(_ view: StringView) -> Int { Int(truncatingIfNeeded: Hashing.bits(of: view) &>> 8) }

    @inline(__always)
    func contains(_ view: StringView) -> Bool {
        var place = Self.hash(view) & mask
        while used[place] {
            if slots[place] == view { return true }
            place = (place &+ 1) & mask
        }
        return false
    }
}

/// `operand IN (terms)` for lists that are not constant and types without a bitwise equality.
final class InTermsNode: ExpressionNode {
    private let operand: ExpressionNode
    private let terms: [ExpressionNode]

    init(_ operand: ExpressionNode, _ terms: [ExpressionNode]) {
        self.operand = operand
        self.terms = terms
        super.init(.boolean)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(.boolean, count) }
        let value = try operand.evaluate(input).materialized(count)
        let builder = FlatBuilder(.boolean, capacity: count)
        builder.zero()
        let target = builder.pointer(as: UInt8.self)
        var open = input
        for term in terms {
            if open.rows.selectedCount == 0 { break }
            let result = try ComparisonKernels.evaluate(.equal, value, try term.evaluate(open), open.rows)
            let view = result.view
            open.rows.forEach { row in
                if !view.isValid(row) {
                    Validity.setNull(builder.validity, row)
                } else if view.load(row, as: UInt8.self) != 0 {
                    target[row] = 1
                    if builder.hasNulls { Validity.setValid(builder.validity, row) }
                }
            }
            open = open.with(Selecting.filtered(open.rows) { target[$0] == 0 })
        }
        return builder.finish(count: count)
    }
}

extension Vector {
    /// A constant as a flat vector, for loops that take one.
    func materialized(_ count: Int) -> Vector { isConstant ? flattened() : self }
}
