import Columnar
import SQLTypes

/// One vector out of several, each of which has the values of its own rows.
enum Blend {
    struct Part {
        let vector: Vector
        let rows: Rows

        init(_ vector: Vector, _ rows: Rows) {
            self.vector = vector
            self.rows = rows
        }
    }

    /// Rows that are in no part hold NULL.
    static func blend(_ parts: [Part], _ type: DataType, count: Int) -> Vector {
        // One part has all wanted rows: its other lanes are harmless.
        if parts.count == 1 { return parts[0].vector }
        if parts.isEmpty { return .nulls(type, count) }
        let builder = FlatBuilder(type, capacity: count)
        builder.zero()
        for part in parts { copyNulls(part, builder) }
        var children: [Vector] = []
        switch type.physical {
        case .boolean, .int8: for part in parts { copy(part, builder, UInt8.self) }
        case .int16: for part in parts { copy(part, builder, UInt16.self) }
        case .int32, .float: for part in parts { copy(part, builder, UInt32.self) }
        case .int64, .double: for part in parts { copy(part, builder, UInt64.self) }
        case .int128: for part in parts { copy(part, builder, UInt128.self) }
        case .string:
            for part in parts {
                copy(part, builder, StringView.self)
                builder.keepAlive(part.vector)
            }
        case .list, .map: children = copyLists(parts, builder, type)
        case .row:
            guard case .row(let fields) = type else { break }
            children = fields.indices.map { field in
                let own = parts.map { part -> Part in
                    let flat = part.vector.flattened()
                    return Part(flat.children[field], part.rows)
                }
                let child = own.count == 1 ? own[0].vector : blend(own, fields[field].type, count: count)
                return child
            }
        }
        return builder.finish(count: count, children: children)
    }

    private static func copyNulls(_ part: Part, _ builder: FlatBuilder) {
        guard let validity = part.vector.view.validity else { return }
        part.rows.forEach { row in
            if !Validity.isValid(validity, row) { Validity.setNull(builder.validity, row) }
        }
    }

    @inline(__always)
    private static func copy<T>(_ part: Part, _ builder: FlatBuilder, _: T.Type) {
        let target = builder.pointer(as: T.self)
        let view = part.vector.view
        let data = view.data.assumingMemoryBound(to: T.self)
        if part.vector.isConstant {
            if part.vector.isNull(0) { return }
            let value = data[0]
            part.rows.forEach { target[$0] = value }
        } else if let codes = view.codes {
            if view.validity == nil {
                part.rows.forEach { target[$0] = data[Int(codes[$0])] }
            } else {
                // Null lanes of the result stay zero.
                part.rows.forEach { if view.isValid($0) { target[$0] = data[Int(codes[$0])] } }
            }
        } else {
            part.rows.forEach { target[$0] = data[$0] }
        }
    }

    private static func copyLists(_ parts: [Part], _ builder: FlatBuilder, _ type: DataType) -> [Vector] {
        let target = builder.pointer(as: ListEntry.self)
        var childParts: [[Vector]] = []
        var base = 0
        for part in parts {
            let flat = part.vector.dictionary ?? part.vector
            let view = part.vector.view
            part.rows.forEach { row in
                guard view.isValid(row) else { return }
                let entry = view.load(row, as: ListEntry.self)
                target[row] = ListEntry(offset: entry.offset &+ UInt32(truncatingIfNeeded: base), count: entry.count)
            }
            childParts.append(flat.children)
            base += flat.children.first?.count ?? 0
        }
        switch type {
        case .array(let element): return [Vector.concatenate(childParts.map { $0[0] }, type: element)]
        case .map(let key, let value):
            return [
                Vector.concatenate(childParts.map { $0[0] }, type: key),
                Vector.concatenate(childParts.map { $0[1] }, type: value),
            ]
        default: return []
        }
    }
}

extension Selecting {
    /// Those of `rows` that pass `test`, which is called per row.
    @inline(__always)
    static func filtered(_ rows: Rows, _ test: (Int) -> Bool) -> Selection {
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        rows.forEach { row in
            out[end] = UInt32(truncatingIfNeeded: row)
            end &+= bit(test(row))
        }
        return Selection(buffer, count: end)
    }

    /// Disjoint selections as one, ascending.
    static func union(_ parts: [Selection], count: Int) -> Selection {
        if parts.count <= 1 { return parts.first ?? .none }
        let words = Validity.wordCount(count)
        let bitmap = Validity.makeBits(count, valid: false)
        let bits = bitmap.pointer.assumingMemoryBound(to: UInt64.self)
        var total = 0
        for part in parts {
            for index in 0..<part.count { Validity.setValid(bits, Int(part.indices[index])) }
            total += part.count
        }
        let buffer = makeBuffer(total)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        for word in 0..<words { expand(bits[word], base: word << 6, patterns, out, &end) }
        return Selection(buffer, count: end)
    }
}
