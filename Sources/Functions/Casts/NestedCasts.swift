import Columnar
import SQLTypes

/// Casts of arrays, maps and rows by their parts; only parts of wanted rows are cast.
enum NestedCasts {
    static func make(from source: DataType, to target: DataType, context: EvaluationContext) throws -> CastKernel {
        switch (source, target) {
        case (.array(let a), .array(let b)):
            return lists([try CastKernels.make(from: a, to: b, isTry: false, context: context)], target)
        case (.map(let aKey, let aValue), .map(let bKey, let bValue)):
            let kernel = lists(
                [
                    try CastKernels.make(from: aKey, to: bKey, isTry: false, context: context),
                    try CastKernels.make(from: aValue, to: bValue, isTry: false, context: context),
                ], target)
            return aKey == bKey ? kernel : { try refusingEqualKeys(try kernel($0, $1), $1) }
        case (.row(let a), .row(let b)):
            let kernels = try zip(a, b).map {
                try CastKernels.make(from: $0.type, to: $1.type, isTry: false, context: context)
            }
            return { argument, rows in
                let flat = argument.flattened()
                let wanted = validRows(flat, rows)
                let children = try zip(kernels, flat.children).map { kernel, child in
                    try kernel(child.flattened(), wanted).flattened()
                }
                return Vector(
                    rowOf: children, type: target, count: rows.count, validity: flat.validity, owners: [flat])
            }
        default: return { argument, _ in argument }
        }
    }

    private static func lists(_ kernels: [CastKernel], _ target: DataType) -> CastKernel {
        { argument, rows in
            let flat = argument.flattened()
            let elements = elementRows(flat, rows)
            let children = try zip(kernels, flat.children).map { kernel, child in
                try kernel(child.flattened(), elements).flattened()
            }
            return Vector(
                type: target, count: rows.count, values: flat.values, validity: flat.validity, children: children,
                owners: flat.owners)
        }
    }

    /// The wanted rows that are not null.
    private static func validRows(_ vector: Vector, _ rows: Rows) -> Rows {
        guard vector.mayHaveNulls else { return rows }
        return Rows(count: rows.count, selection: Selecting.rowsNull(vector, rows, isNull: false))
    }

    /// The elements of wanted rows that are not null.
    private static func elementRows(_ vector: Vector, _ rows: Rows) -> Rows {
        let count = vector.children[0].count
        let entries = vector.pointer(as: ListEntry.self)
        let bits = Validity.makeBits(count, valid: false)
        let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
        var total = 0
        rows.forEach { row in
            guard Validity.isValid(vector.validity, row) else { return }
            let entry = entries[row]
            for element in Int(entry.offset)..<Int(entry.offset) + Int(entry.count) {
                Validity.setValid(words, element)
            }
            total += Int(entry.count)
        }
        if total == count, rows.selection == nil, !vector.mayHaveNulls { return Rows(count: count) }
        let buffer = Selecting.makeBuffer(count)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        for word in 0..<Validity.wordCount(count) {
            Selecting.expand(words[word], base: word << 6, Selecting.patterns, out, &end)
        }
        return Rows(count: count, selection: Selection(buffer, count: end))
    }

    private static func refusingEqualKeys(_ vector: Vector, _ rows: Rows) throws -> Vector {
        let entries = vector.pointer(as: ListEntry.self)
        let keys = vector.children[0]
        try rows.forEach { row in
            guard Validity.isValid(vector.validity, row) else { return }
            let range = Int(entries[row].offset)..<Int(entries[row].offset) + Int(entries[row].count)
            for first in range {
                if keys.isNull(first) { throw QueryError(.invalidCastArgument, "map key is null") }
                for second in range where second > first && Comparison.areEqual(keys, first, keys, second) {
                    throw QueryError(.invalidCastArgument, "duplicate keys")
                }
            }
        }
        return vector
    }
}
