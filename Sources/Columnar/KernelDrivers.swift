import SQLTypes

/// Drivers that own nulls, encodings and selections, so that an operation is a small closure on values.
///
/// All of them return NULL where an argument is NULL. Work on a dictionary is done once per entry when the dictionary
/// is not larger than the rows that use it and the operation cannot raise; otherwise per row. Operations that throw
/// are only called for selected, valid rows.
public enum Kernel {
    /// Rows that are null in any argument, as one bitmap (nil: none).
    public static func mergedValidity(_ arguments: [Vector], count: Int) -> (
        bits: UnsafePointer<UInt64>?, owners: [AnyObject]
    ) {
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
            let one = try body(
                argument.gather(ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: 1), Rows(count: 1))
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
    ///
    /// One copy of the loop serves the value of a constant, the entries of a worthwhile dictionary and flat rows; a
    /// second one serves selections and other dictionaries.
    @inlinable @inline(__always)
    public static func unary<A, R>(
        _ argument: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: R.Type, _ operation: (A) -> R
    ) -> Vector {
        let lanes = UnaryLanes(argument, rows, result)
        let target = lanes.builder.pointer(as: R.self)
        let data = lanes.view.data.assumingMemoryBound(to: A.self)
        let count = lanes.count
        if lanes.isDense {
            for row in 0..<count { target[row] = operation(data[row]) }
        } else {
            let view = lanes.view
            let indices = lanes.indices
            for position in 0..<count {
                let row = indices.map { Int($0[position]) } ?? position
                target[row] = operation(data[view.index(row)])
            }
        }
        return lanes.finish()
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
            if view.isValid(row), let value = try operation(view.load(row, as: A.self)) {
                target[row] = value
            } else {
                builder.setNull(row)
            }
        }
        return builder.finish(count: rows.count)
    }

    /// Two fixed-width arguments; `operation` cannot raise and is safe on zero lanes.
    @inlinable @inline(__always)
    public static func binary<A, B, R>(
        _ left: Vector, _ right: Vector, _ rows: Rows, as result: DataType, _: A.Type, _: B.Type, _: R.Type,
        _ operation: (A, B) -> R
    ) -> Vector {
        let lanes = BinaryLanes(left, right, rows, result)
        let target = lanes.builder.pointer(as: R.self)
        let leftData = lanes.left.data.assumingMemoryBound(to: A.self)
        let rightData = lanes.right.data.assumingMemoryBound(to: B.self)
        let count = lanes.count
        switch lanes.form {
        case .flat: for row in 0..<count { target[row] = operation(leftData[row], rightData[row]) }
        case .rightConstant:
            let value = rightData[0]
            for row in 0..<count { target[row] = operation(leftData[row], value) }
        case .leftConstant:
            let value = leftData[0]
            for row in 0..<count { target[row] = operation(value, rightData[row]) }
        case .general:
            let leftView = lanes.left
            let rightView = lanes.right
            let indices = lanes.indices
            for position in 0..<count {
                let row = indices.map { Int($0[position]) } ?? position
                target[row] = operation(leftData[leftView.index(row)], rightData[rightView.index(row)])
            }
        }
        return lanes.finish()
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
            if leftView.isValid(row), rightView.isValid(row),
                let value = try operation(leftView.load(row, as: A.self), rightView.load(row, as: B.self))
            {
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

/// The lanes that `Kernel.unary` works on: one for a constant, the entries of a worthwhile dictionary, or the rows.
public final class UnaryLanes {
    public let view: VectorView
    public let builder: FlatBuilder
    public let count: Int
    public let indices: UnsafePointer<UInt32>?
    /// Lane i lies at position i, and all of them are wanted.
    public let isDense: Bool
    private let argument: Vector
    private let rows: Rows
    private let isByEntry: Bool

    public init(_ argument: Vector, _ rows: Rows, _ result: DataType) {
        self.argument = argument
        self.rows = rows
        if argument.isConstant {
            isByEntry = true
            view = VectorView(data: argument.values, codes: nil, validity: argument.validity, count: 1)
            count = 1
            indices = nil
        } else if Kernel.prefersDictionary(argument, rows), let dictionary = argument.dictionary {
            isByEntry = true
            view = dictionary.view
            count = dictionary.count
            indices = nil
        } else {
            isByEntry = false
            view = argument.view
            count = rows.selectedCount
            indices = rows.selection?.indices
        }
        builder = FlatBuilder(result, capacity: isByEntry ? count : rows.count)
        isDense = indices == nil && view.codes == nil
        if indices != nil { builder.zero() }
    }

    public func finish() -> Vector {
        guard isByEntry else { return builder.finish(count: rows.count, validity: view.validity, owners: [argument]) }
        let entries = builder.finish(count: count, validity: view.validity, owners: [argument])
        guard argument.isConstant else { return Kernel.rewrapped(argument, entries: entries) }
        return Vector(
            type: entries.type, encoding: .constant, count: rows.count, values: entries.values,
            validity: entries.validity, owners: entries.owners)
    }
}

/// The lanes that `Kernel.binary` works on. A constant beside a dictionary works on its entries.
public final class BinaryLanes {
    public enum Form: Sendable { case flat, rightConstant, leftConstant, general }

    public let left: VectorView
    public let right: VectorView
    public let builder: FlatBuilder
    public let count: Int
    public let indices: UnsafePointer<UInt32>?
    public let form: Form
    private let arguments: [Vector]
    private let rows: Rows
    /// The dictionary vector whose entries are worked on.
    private let encoded: Vector?
    private let isConstant: Bool

    public init(_ leftVector: Vector, _ rightVector: Vector, _ rows: Rows, _ result: DataType) {
        arguments = [leftVector, rightVector]
        self.rows = rows
        isConstant = leftVector.isConstant && rightVector.isConstant
        if isConstant {
            encoded = nil
            left = VectorView(data: leftVector.values, codes: nil, validity: leftVector.validity, count: 1)
            right = VectorView(data: rightVector.values, codes: nil, validity: rightVector.validity, count: 1)
            count = 1
            indices = nil
            form = .flat
        } else if rightVector.isConstant, !rightVector.isNull(0), Kernel.prefersDictionary(leftVector, rows),
            let dictionary = leftVector.dictionary
        {
            encoded = leftVector
            left = dictionary.view
            right = rightVector.view
            count = dictionary.count
            indices = nil
            form = .rightConstant
        } else if leftVector.isConstant, !leftVector.isNull(0), Kernel.prefersDictionary(rightVector, rows),
            let dictionary = rightVector.dictionary
        {
            encoded = rightVector
            left = leftVector.view
            right = dictionary.view
            count = dictionary.count
            indices = nil
            form = .leftConstant
        } else {
            encoded = nil
            left = leftVector.view
            right = rightVector.view
            count = rows.selectedCount
            indices = rows.selection?.indices
            if indices != nil {
                form = .general
            } else if left.codes == nil {
                form = right.codes == nil ? .flat : rightVector.isConstant ? .rightConstant : .general
            } else {
                form = leftVector.isConstant && right.codes == nil ? .leftConstant : .general
            }
        }
        builder = FlatBuilder(result, capacity: isConstant || encoded != nil ? count : rows.count)
        if indices != nil { builder.zero() }
    }

    public func finish() -> Vector {
        if let encoded, let dictionary = encoded.dictionary {
            let entries = builder.finish(count: count, validity: dictionary.validity, owners: arguments)
            return Kernel.rewrapped(encoded, entries: entries)
        }
        let lanes = isConstant ? 1 : rows.count
        let validity = Kernel.mergedValidity(isConstant ? arguments.map { $0.firstLane() } : arguments, count: lanes)
        // A string of the result may point into an argument's memory.
        let kept: [AnyObject] = builder.type.physical == .string ? arguments : []
        let made = builder.finish(count: lanes, validity: validity.bits, owners: validity.owners + kept)
        guard isConstant else { return made }
        return Vector(
            type: made.type, encoding: .constant, count: rows.count, values: made.values, validity: made.validity,
            owners: made.owners)
    }
}

extension Vector {
    /// A constant as a flat vector of one row.
    fileprivate func firstLane() -> Vector {
        Vector(type: type, count: 1, values: values, validity: validity, children: children, owners: owners)
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
