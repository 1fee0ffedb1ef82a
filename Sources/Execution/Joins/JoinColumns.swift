import Columnar
import SQLTypes

/// Columns of joined rows without copying values: positions into the rows they come from.
enum JoinColumns {
    /// Row i of the result is row `codes[i]` of `column`; `owner` keeps the codes. Rows that `missing` clears are null
    /// (their code is any valid position).
    static func pick(
        _ column: Vector, _ codes: UnsafePointer<UInt32>, count: Int, owner: AnyObject,
        missing: UnsafePointer<UInt64>? = nil, missingOwner: AnyObject? = nil
    ) -> Vector {
        var owners = [owner]
        if let missingOwner { owners.append(missingOwner) }
        var validity = missing
        if let bits = column.view.validity {
            if column.isConstant {
                return .constant(.null, column.type, count: count)
            }
            let gathered = gather(bits, codes, count, missing)
            owners.append(gathered)
            validity = UnsafePointer(gathered.pointer.assumingMemoryBound(to: UInt64.self))
        }
        switch column.encoding {
        case .constant:
            if validity == nil { return column.gather(codes, count: count) }
            let one = column.gather(ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: 1).flattened()
            return Vector(
                dictionary: one, codes: ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self), count: count,
                validity: validity, owners: owners)
        case .dictionary:
            guard let dictionary = column.dictionary, let old = column.codes else { return column }
            let buffer = Buffer(byteCount: max(count, 1) * 4)
            let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
            for row in 0..<count { target[row] = old[Int(codes[row])] }
            owners.append(buffer)
            return Vector(dictionary: dictionary, codes: target, count: count, validity: validity, owners: owners)
        case .flat:
            return Vector(dictionary: column, codes: codes, count: count, validity: validity, owners: owners)
        }
    }

    private static func gather(
        _ bits: UnsafePointer<UInt64>, _ codes: UnsafePointer<UInt32>, _ count: Int, _ missing: UnsafePointer<UInt64>?
    ) -> Buffer {
        let buffer = Validity.makeBits(count, valid: false)
        let target = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        for word in 0..<Validity.wordCount(count) {
            var made: UInt64 = 0
            let start = word &<< 6
            for lane in 0..<min(64, count &- start) {
                let row = Int(codes[start &+ lane])
                made |= ((bits[row &>> 6] &>> UInt64(row & 63)) & 1) &<< UInt64(lane)
            }
            target[word] = made & (missing?[word] ?? ~0)
        }
        return buffer
    }

    /// The one row of `column` for `count` rows.
    static func repeated(_ column: Vector, count: Int) -> Vector {
        let flat = column.flattened()
        return Vector(
            type: flat.type, encoding: .constant, count: count, values: flat.values, validity: flat.validity,
            children: flat.children, owners: [flat])
    }
}
