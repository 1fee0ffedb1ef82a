import SQLTypes

extension Vector {
    /// The rows at `indices`, in that order. Dictionaries stay dictionaries, constants constants; string bytes and
    /// list children are shared.
    public func gather(_ indices: UnsafePointer<UInt32>, count newCount: Int) -> Vector {
        switch encoding {
        case .constant:
            return Vector(
                type: type, encoding: .constant, count: newCount, values: values, validity: validity,
                children: children, owners: owners)
        case .dictionary:
            guard let dictionary, let codes else { return self }
            let buffer = Buffer(byteCount: max(newCount, 1) * 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            for row in 0..<newCount { target[row] = codes[Int(indices[row])] }
            let bits = gatherValidity(indices, newCount)
            return Vector(
                dictionary: dictionary, codes: target, count: newCount, validity: bits?.0,
                owners: [buffer] + (bits.map { [$0.1] } ?? []) + [self.dictionaryOwners])
        case .flat:
            let width = physical.byteCount
            let buffer = Buffer(byteCount: max(newCount * width, 1))
            switch width {
            case 1: Self.copyLanes(values, buffer, indices, newCount, UInt8.self)
            case 2: Self.copyLanes(values, buffer, indices, newCount, UInt16.self)
            case 4: Self.copyLanes(values, buffer, indices, newCount, UInt32.self)
            case 8: Self.copyLanes(values, buffer, indices, newCount, UInt64.self)
            case 16: Self.copyLanes(values, buffer, indices, newCount, StringView.self)
            default: break
            }
            let bits = gatherValidity(indices, newCount)
            let gatheredChildren = physical == .row ? children.map { $0.gather(indices, count: newCount) } : children
            var newOwners: [AnyObject] = [buffer]
            if let bits { newOwners.append(bits.1) }
            if physical == .string { newOwners.append(contentsOf: owners) }
            return Vector(
                type: type, count: newCount, values: UnsafeRawPointer(buffer.pointer), validity: bits?.0,
                children: gatheredChildren, owners: newOwners)
        }
    }

    /// Keeps the codes' memory out of gathered vectors: they only need the dictionary.
    private var dictionaryOwners: AnyObject { dictionary ?? self }

    private static func copyLanes<T>(
        _ source: UnsafeRawPointer, _ target: Buffer, _ indices: UnsafePointer<UInt32>, _ count: Int, _: T.Type
    ) {
        let from = source.assumingMemoryBound(to: T.self)
        let to = target.pointer.assumingMemoryBound(to: T.self)
        for row in 0..<count { to[row] = from[Int(indices[row])] }
    }

    private func gatherValidity(
        _ indices: UnsafePointer<UInt32>, _ newCount: Int
    ) -> (UnsafePointer<UInt64>, Buffer)? {
        guard let validity else { return nil }
        let buffer = Validity.makeBits(newCount, valid: false)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        for word in 0..<Validity.wordCount(newCount) {
            var bits: UInt64 = 0
            let start = word &<< 6
            for lane in 0..<min(64, newCount &- start) {
                let row = Int(indices[start &+ lane])
                bits |= ((validity[row &>> 6] &>> UInt64(row & 63)) & 1) &<< UInt64(lane)
            }
            target[word] = bits
        }
        return (UnsafePointer(target), buffer)
    }

    /// Rows `offset..<offset + count`.
    public func slice(offset: Int, count newCount: Int) -> Vector {
        if offset == 0 && newCount == count { return self }
        if encoding == .constant {
            return gather(ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: newCount)
        }
        if offset & 63 == 0, physical != .row {
            // Aligned slices share memory.
            let bits = validity.map { $0 + (offset >> 6) }
            if let dictionary, let codes {
                return Vector(
                    dictionary: dictionary, codes: codes + offset, count: newCount, validity: bits, owners: [self])
            }
            return Vector(
                type: type, count: newCount, values: values + offset * physical.byteCount, validity: bits,
                children: children, owners: [self])
        }
        let buffer = Buffer(byteCount: max(newCount, 1) * 4)
        let indices = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for row in 0..<newCount { indices[row] = UInt32(truncatingIfNeeded: offset &+ row) }
        return gather(indices, count: newCount)
    }

    /// The same rows without dictionary or constant encoding (children of nested types may still have them).
    public func flattened() -> Vector {
        switch encoding {
        case .flat: return self
        case .dictionary:
            guard let dictionary, let codes else { return self }
            let flat = dictionary.gather(codes, count: count)
            return Vector(
                type: type, count: count, values: flat.values, validity: validity, children: flat.children,
                owners: flat.owners + owners)
        case .constant:
            // As flat with the zero codes; long constants go in pieces of the zero run.
            let one = Vector(
                type: type, count: 1, values: values, validity: validity, children: children, owners: owners)
            if count <= ConstantLanes.limit {
                return one.gather(ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: count)
            }
            let buffer = Buffer(byteCount: count * 4)
            buffer.pointer.initializeMemory(as: UInt8.self, repeating: 0, count: count * 4)
            return one.gather(buffer.pointer.assumingMemoryBound(to: UInt32.self), count: count)
        }
    }

    /// A row vector over its fields.
    public convenience init(
        rowOf fields: [Vector], type: DataType, count: Int, validity: UnsafePointer<UInt64>? = nil,
        owners: [AnyObject] = []
    ) {
        self.init(
            type: type, count: count, values: ConstantLanes.zeros, validity: validity, children: fields, owners: owners)
    }

    /// All rows of all vectors, which have one type, as one flat vector.
    public static func concatenate(_ vectors: [Vector], type: DataType) -> Vector {
        if vectors.count == 1 { return vectors[0].flattened() }
        let total = vectors.reduce(0) { $0 + $1.count }
        let builder = FlatBuilder(type, capacity: total)
        let width = type.physical.byteCount
        let flats = vectors.map { $0.flattened() }
        var offset = 0
        var childOffset = 0
        for flat in flats {
            switch type.physical {
            case .list, .map:
                let source = flat.pointer(as: ListEntry.self)
                let target = builder.pointer(as: ListEntry.self) + offset
                for row in 0..<flat.count {
                    target[row] = ListEntry(
                        offset: source[row].offset &+ UInt32(truncatingIfNeeded: childOffset), count: source[row].count)
                }
                childOffset += flat.children[0].count
            case .row: break
            default: (builder.values + offset * width).copyMemory(from: flat.values, byteCount: flat.count * width)
            }
            if let bits = flat.validity {
                for row in 0..<flat.count where !Validity.isValid(bits, row) {
                    Validity.setNull(builder.validity, offset + row)
                }
            }
            if type.physical == .string { builder.keepAlive(flat.owners) }
            offset += flat.count
        }
        var children: [Vector] = []
        switch type {
        case .array(let element): children = [concatenate(flats.map { $0.children[0] }, type: element)]
        case .map(let key, let value):
            children = [
                concatenate(flats.map { $0.children[0] }, type: key),
                concatenate(flats.map { $0.children[1] }, type: value),
            ]
        case .row(let fields):
            children = fields.indices.map { field in
                concatenate(flats.map { $0.children[field] }, type: fields[field].type)
            }
        default: break
        }
        return builder.finish(count: total, children: children)
    }
}
