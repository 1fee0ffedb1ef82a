import Columnar
import SQLTypes

/// `$subscript`: `array[i]` from 1, which raises outside the array, and `map[key]`, which raises for a missing key.
enum SubscriptOperator {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "$subscript", "(array(T), bigint) -> T", summary: "Element of an array, counted from 1", cannotRaise: false,
            isHidden: true,
            examples: [
                FunctionExample("ARRAY[1, 2][2]", "2"), FunctionExample("ARRAY[1][2]", "INVALID_FUNCTION_ARGUMENT"),
                FunctionExample("ARRAY[1][NULL]", "NULL"),
            ]
        ) { signature in { call in try element(call, signature.result) } },
        ScalarFunction(
            "$subscript", "(map(K,V), K) -> V", summary: "Value of a map's key", cannotRaise: false, isHidden: true,
            examples: [
                FunctionExample("MAP(ARRAY['a'], ARRAY[1])['a']", "1"),
                FunctionExample("MAP(ARRAY['a'], ARRAY[1])['b']", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try value(call, signature) } },
    ]

    private static func element(_ call: borrowing KernelCall, _ result: DataType) throws -> Vector {
        let array = call.arguments[0]
        let index = call.arguments[1]
        let flat = array.dictionary ?? array
        let lists = array.view
        let positions = index.view
        let picks = Picks(call.rows.count)
        try call.rows.forEach { row in
            guard lists.isValid(row), positions.isValid(row) else { return picks.setNull(row) }
            let entry = lists.load(row, as: ListEntry.self)
            let position = positions.load(row, as: Int64.self)
            if position == 0 { throw QueryError(.invalidFunctionArgument, "SQL array indices start at 1") }
            if position < 0 {
                throw QueryError(.invalidFunctionArgument, "Array subscript is negative: \(position)")
            }
            guard position <= Int64(entry.count) else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "Array subscript must be less than or equal to array length: \(position) > \(entry.count)")
            }
            picks.set(row, Int(entry.offset) + Int(position) - 1)
        }
        return picks.gather(flat.children[0], result)
    }

    private static func value(_ call: borrowing KernelCall, _ signature: ResolvedSignature) throws -> Vector {
        let map = call.arguments[0]
        let key = call.arguments[1]
        let flat = map.dictionary ?? map
        let entries = map.view
        let picks = Picks(call.rows.count)
        try call.rows.forEach { row in
            guard entries.isValid(row), !key.isNull(row) else { return picks.setNull(row) }
            let entry = entries.load(row, as: ListEntry.self)
            let range = Int(entry.offset)..<Int(entry.offset) + Int(entry.count)
            guard let found = range.first(where: { Comparison.areEqual(flat.children[0], $0, key, row) }) else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "Key not present in map: \(ValueText.print(key.value(at: row), signature.arguments[1]))")
            }
            picks.set(row, found)
        }
        return picks.gather(flat.children[1], signature.result)
    }
}

/// Positions in a child vector, one per row, to be gathered: what functions that pick elements of lists fill.
final class Picks {
    private let buffer: Buffer
    private let positions: UnsafeMutablePointer<UInt32>
    private let count: Int
    private var nulls: Buffer?

    init(_ count: Int) {
        self.count = count
        buffer = Buffer(byteCount: max(count, 1) * 4)
        positions = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        positions.update(repeating: 0, count: max(count, 1))
    }

    func set(_ row: Int, _ position: Int) { positions[row] = UInt32(truncatingIfNeeded: position) }

    func setNull(_ row: Int) {
        let bits: Buffer
        if let nulls {
            bits = nulls
        } else {
            bits = Validity.makeBits(count, valid: true)
            nulls = bits
        }
        Validity.setNull(bits.pointer.assumingMemoryBound(to: UInt64.self), row)
    }

    /// The picked lanes of `child`; rows set to null are null.
    func gather(_ child: Vector, _ type: DataType) -> Vector {
        if child.count == 0 { return Vector.constant(.null, type, count: count) }
        let picked = child.gather(positions, count: count).flattened()
        guard let nulls else { return picked }
        let mask = UnsafePointer(nulls.pointer.assumingMemoryBound(to: UInt64.self))
        let merged: UnsafePointer<UInt64>
        if let own = picked.validity {
            let target = nulls.pointer.assumingMemoryBound(to: UInt64.self)
            for word in 0..<Validity.wordCount(count) { target[word] &= own[word] }
            merged = UnsafePointer(target)
        } else {
            merged = mask
        }
        return Vector(
            type: picked.type, count: count, values: picked.values, validity: merged, children: picked.children,
            owners: picked.owners + [nulls])
    }
}
