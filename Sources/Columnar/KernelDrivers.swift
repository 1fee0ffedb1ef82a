import SQLTypes

/// Drivers that own nulls, encodings and selections, so that an operation is a small closure on values.
///
/// All of them return NULL where an argument is NULL. Work on a dictionary is done once per entry when the dictionary
/// is not larger than the rows that use it and the operation cannot raise; otherwise per row. Operations that throw
/// are only called for selected, valid rows.
public enum Kernel {
    /// Rows that are null in any argument, as one bitmap (nil: none).
    public static func mergedValidity(_ arguments: [Vector], count: Int) -> (bits: UnsafePointer<UInt64>?, owners: [AnyObject]) {
        var single: (UnsafePointer<UInt64>, [AnyObject])?
        var merged: Buffer?
        for argument in arguments {
            guard let bits = argument.view.validity else { continue }
            if let merged {
                let target = merged.pointer.assumingMemoryBound(to: UInt64.self)
                for word in 0..<Validity.wordCount(count) { target[word] &= bits[word] }
            } else if let first = single {
                let buffer = Validity.makeBits(count, valid: true)
                let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
                for word in 0..<Validity.wordCount(count) { target[word] = first.0[word] & bits[word] }
                merged = buffer
            } else {
                single = (bits, [argument])
            }
        }
        if let merged { return (UnsafePointer(merged.pointer.assumingMemoryBound(to: UInt64.self)), [merged]) }
        if let single { return (single.0, single.1) }
        return (nil, [])
    }

    /// Whether `vector`'s dictionary is worth working on instead of its rows.
    public static func prefersDictionary(_ vector: Vector, _ rows: Rows) -> Bool {
        guard let dictionary = vector.dictionary else { return false }
        return dictionary.count <= rows.selectedCount
    }

    /// The dictionary vector of the same rows over other entries. Entries that became null make their rows null.
    public static func rewrapped(_ vector: Vector, entries: Vector) -> Vector {
        guard let codes = vector.codes else { return entries }
        guard let entryBits = entries.validity else {
            return Vector(
                dictionary: entries, codes: codes, count: vector.count, validity: vector.validity, owners: [vector])
        }
        let buffer = Validity.makeBits(vector.count, valid: true)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        for row in 0..<vector.count
        where !Validity.isValid(entryBits, Int(codes[row])) || !Validity.isValid(vector.validity, row) {
            Validity.setNull(target, row)
        }
        return Vector(
            dictionary: entries, codes: codes, count: vector.count, validity: UnsafePointer(target),
            owners: [vector, buffer])
    }

    /// Runs `body` on the one value of a constant, or on the entries of a worthwhile dictionary, or on the rows.
    /// `body` gets flat or row-wise input and must return a flat vector of as many lanes.
    @inlinable
    public static func perEntry(
        _ argument: Vector, _ rows: Rows, _ body: (Vector, Rows) throws -> Vector
    ) rethrows -> Vector {
        if argument.isConstant {
            let one = try body(argument.gather(ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: 1), Rows(count: 1))
            return Vector(
                type: one.type, encoding: .constant, count: rows.count, values: one.flattened().values,
                validity: one.view.validity, children: one.children, owners: [one])
        }
        if prefersDictionary(argument, rows), let dictionary = argument.dictionary {
            return rewrapped(argument, entries: try body(dictionary, Rows(count: dictionary.count)))
        }
        return try body(argument, rows)
    }

    /// One fixed-width argument to one fixed-width result; `operation` cannot raise and is safe on zero lanes.
    @inlinable @inline(__always)
    public static func unary<A, R>(
        _ argument: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: R.Type, _ operation: (A) -> R
    ) -> Vector {
        perEntry(argument, rows) { argument, rows in
            let builder = FlatBuilder(result, capacity: rows.count)
            let target = builder.pointer(as: R.self)
            let view = argument.view
            let data = view.data.assumingMemoryBound(to: A.self)
            if let selection = rows.selection {
                builder.zero()
                let indices = selection.indices
                for position in 0..<selection.count {
                    let row = Int(indices[position])
                    target[row] = operation(data[view.index(row)])
                }
            } else if let codes = view.codes {
                for row in 0..<rows.count { target[row] = operation(data[Int(codes[row])]) }
            } else {
                for row in 0..<rows.count { target[row] = operation(data[row]) }
            }
            return builder.finish(count: rows.count, validity: view.validity, owners: [argument])
        }
    }

    /// One argument; `operation` may raise, and may return nil for NULL. Called for selected valid rows only.
    @inlinable @inline(__always)
    public static func unaryThrowing<A, R>(
        _ argument: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: R.Type, _ operation: (A) throws -> R?
    ) throws -> Vector {
        let view = argument.view
        let builder = FlatBuilder(result, capacity: rows.count)
        builder.zero()
        let target = builder.pointer(as: R.self)
        try rows.forEach { row in
            guard view.isValid(row) else { builder.setNull(row); return }
            if let value = try operation(view.load(row, as: A.self)) { target[row] = value } else { builder.setNull(row) }
        }
        return builder.finish(count: rows.count)
    }

    /// Two fixed-width arguments; `operation` cannot raise and is safe on zero lanes.
    @inlinable @inline(__always)
    public static func binary<A, B, R>(
        _ left: Vector, _ right: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: B.Type, _: R.Type,
        _ operation: (A, B) -> R
    ) -> Vector {
        if right.isConstant, !left.isConstant, !right.isNull(0) {
            let value = right.pointer(as: B.self)[0]
            return unary(left, rows, as: result, A.self, R.self) { operation($0, value) }
        }
        if left.isConstant, !right.isConstant, !left.isNull(0) {
            let value = left.pointer(as: A.self)[0]
            return unary(right, rows, as: result, B.self, R.self) { operation(value, $0) }
        }
        let builder = FlatBuilder(result, capacity: rows.count)
        let target = builder.pointer(as: R.self)
        let leftView = left.view
        let rightView = right.view
        let leftData = leftView.data.assumingMemoryBound(to: A.self)
        let rightData = rightView.data.assumingMemoryBound(to: B.self)
        if let selection = rows.selection {
            builder.zero()
            let indices = selection.indices
            for position in 0..<selection.count {
                let row = Int(indices[position])
                target[row] = operation(leftData[leftView.index(row)], rightData[rightView.index(row)])
            }
        } else if leftView.codes == nil, rightView.codes == nil {
            for row in 0..<rows.count { target[row] = operation(leftData[row], rightData[row]) }
        } else {
            for row in 0..<rows.count {
                target[row] = operation(leftData[leftView.index(row)], rightData[rightView.index(row)])
            }
        }
        let validity = mergedValidity([left, right], count: rows.count)
        return builder.finish(count: rows.count, validity: validity.bits, owners: validity.owners)
    }

    /// Two arguments; `operation` may raise, and may return nil for NULL. Called for selected rows valid in both.
    @inlinable @inline(__always)
    public static func binaryThrowing<A, B, R>(
        _ left: Vector, _ right: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: B.Type, _: R.Type,
        _ operation: (A, B) throws -> R?
    ) throws -> Vector {
        let leftView = left.view
        let rightView = right.view
        let builder = FlatBuilder(result, capacity: rows.count)
        builder.zero()
        let target = builder.pointer(as: R.self)
        try rows.forEach { row in
            guard leftView.isValid(row), rightView.isValid(row) else { builder.setNull(row); return }
            if let value = try operation(leftView.load(row, as: A.self), rightView.load(row, as: B.self)) {
                target[row] = value
            } else {
                builder.setNull(row)
            }
        }
        return builder.finish(count: rows.count)
    }

    /// One string argument to a string result. `operation` gets the bytes and the heap to build in, and returns the
    /// view (nil: NULL). Called once per dictionary entry where that pays and `cannotRaise`.
    @inlinable @inline(__always)
    public static func mapStrings(
        _ argument: Vector, _ rows: Rows, as result: DataType, cannotRaise: Bool = true,
        _ operation: (UnsafeBufferPointer<UInt8>, StringHeap) throws -> StringView?
    ) rethrows -> Vector {
        func run(_ argument: Vector, _ rows: Rows) throws -> Vector {
            let view = argument.view
            let builder = FlatBuilder(result, capacity: rows.count)
            builder.zero()
            builder.keepAlive(argument)
            let target = builder.pointer(as: StringView.self)
            let heap = builder.strings
            try rows.forEach { row in
                guard view.isValid(row) else { builder.setNull(row); return }
                let made = try view.load(row, as: StringView.self).withBytes { try operation($0, heap) }
                if let made { target[row] = made } else { builder.setNull(row) }
            }
            return builder.finish(count: rows.count)
        }
        return cannotRaise ? try perEntry(argument, rows, run) : try run(argument, rows)
    }
}

extension FlatBuilder {
    /// The vector of the first `count` rows with nulls given as a whole bitmap that `owners` keep alive.
    public func finish(count: Int, validity: UnsafePointer<UInt64>?, owners: [AnyObject]) -> Vector {
        let vector = finish(count: count)
        guard let validity else { return vector }
        return Vector(
            type: type, count: count, values: vector.values, validity: validity, owners: vector.owners + owners)
    }
}
