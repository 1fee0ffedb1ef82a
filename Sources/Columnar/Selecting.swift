import SQLTypes

/// Selections out of tests on lanes, without branches.
///
/// A flat column without selection is tested 64 lanes at a time into a bitmap, which a table of 256 patterns expands
/// into positions; with a selection, positions are stored always and the end moves on by the test.
public enum Selecting {
    /// Positions of the set bits of a byte, in eight lanes.
    // Written once, then only read.
    nonisolated(unsafe) public static let patterns: UnsafePointer<SIMD8<UInt32>> = {
        let table = UnsafeMutablePointer<SIMD8<UInt32>>.allocate(capacity: 256)
        for byte in 0..<256 {
            var lanes = SIMD8<UInt32>()
            var count = 0
            for bit in 0..<8 where byte >> bit & 1 == 1 {
                lanes[count] = UInt32(bit)
                count += 1
            }
            table[byte] = lanes
        }
        return UnsafePointer(table)
    }()

    /// 0 or 1 without a branch.
    @inlinable @inline(__always)
    public static func bit(_ flag: Bool) -> Int { Int(truncatingIfNeeded: unsafeBitCast(flag, to: UInt8.self)) }

    /// Both hold, without a branch.
    @inlinable @inline(__always)
    public static func both(_ left: Bool, _ right: Bool) -> Bool {
        unsafeBitCast(unsafeBitCast(left, to: UInt8.self) & unsafeBitCast(right, to: UInt8.self), to: Bool.self)
    }

    /// Room for the positions of `count` rows and the slack of the last table store.
    @inlinable
    public static func makeBuffer(_ count: Int) -> Buffer { Buffer(byteCount: (count &+ 8) &* 4) }

    /// Appends the positions of set bits of `mask`, whose bit 0 is row `base`.
    @inlinable @inline(__always)
    public static func expand(
        _ mask: UInt64, base: Int, _ patterns: UnsafePointer<SIMD8<UInt32>>, _ out: UnsafeMutablePointer<UInt32>,
        _ end: inout Int
    ) {
        var bits = mask
        var start = UInt32(truncatingIfNeeded: base)
        while bits != 0 {
            let byte = Int(truncatingIfNeeded: bits & 0xff)
            UnsafeMutableRawPointer(out + end).storeBytes(
                of: patterns[byte] &+ SIMD8(repeating: start), as: SIMD8<UInt32>.self)
            end &+= byte.nonzeroBitCount
            bits &>>= 8
            start &+= 8
        }
    }

    /// Rows that are valid and pass `test`.
    @inlinable @inline(__always)
    public static func rows<T>(_ vector: Vector, _ rows: Rows, _: T.Type, _ test: (T) -> Bool) -> Selection {
        let view = vector.view
        let data = view.data.assumingMemoryBound(to: T.self)
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        if let selection = rows.selection {
            let indices = selection.indices
            if let validity = view.validity {
                for position in 0..<selection.count {
                    let row = Int(indices[position])
                    out[end] = indices[position]
                    end &+= bit(both(test(data[view.index(row)]), Validity.isValid(validity, row)))
                }
            } else if let codes = view.codes {
                for position in 0..<selection.count {
                    out[end] = indices[position]
                    end &+= bit(test(data[Int(codes[Int(indices[position])])]))
                }
            } else {
                for position in 0..<selection.count {
                    out[end] = indices[position]
                    end &+= bit(test(data[Int(indices[position])]))
                }
            }
            return Selection(buffer, count: end)
        }
        let patterns = Self.patterns
        let whole = rows.count &>> 6
        for word in 0..<whole {
            var mask: UInt64 = 0
            if let codes = view.codes {
                let lane = codes + word &<< 6
                for index in 0..<64 {
                    mask |= UInt64(truncatingIfNeeded: bit(test(data[Int(lane[index])]))) &<< UInt64(index)
                }
            } else {
                let lane = data + word &<< 6
                for index in 0..<64 { mask |= (test(lane[index]) ? 1 : 0) &<< UInt64(index) }
            }
            if let validity = view.validity { mask &= validity[word] }
            expand(mask, base: word &<< 6, patterns, out, &end)
        }
        for row in (whole &<< 6)..<rows.count {
            out[end] = UInt32(truncatingIfNeeded: row)
            end &+= bit(both(test(data[view.index(row)]), view.isValid(row)))
        }
        return Selection(buffer, count: end)
    }

    /// Rows that are valid in both vectors and pass `test`.
    @inlinable @inline(__always)
    public static func pairs<T>(
        _ left: Vector, _ right: Vector, _ rows: Rows, _: T.Type, _ test: (T, T) -> Bool
    ) -> Selection {
        let leftView = left.view
        let rightView = right.view
        let leftData = leftView.data.assumingMemoryBound(to: T.self)
        let rightData = rightView.data.assumingMemoryBound(to: T.self)
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        if rows.selection == nil, leftView.codes == nil, rightView.codes == nil, leftView.validity == nil,
            rightView.validity == nil
        {
            let patterns = Self.patterns
            let whole = rows.count &>> 6
            for word in 0..<whole {
                var mask: UInt64 = 0
                let a = leftData + word &<< 6
                let b = rightData + word &<< 6
                for index in 0..<64 { mask |= (test(a[index], b[index]) ? 1 : 0) &<< UInt64(index) }
                expand(mask, base: word &<< 6, patterns, out, &end)
            }
            for row in (whole &<< 6)..<rows.count {
                out[end] = UInt32(truncatingIfNeeded: row)
                end &+= bit(test(leftData[row], rightData[row]))
            }
            return Selection(buffer, count: end)
        }
        rows.forEach { row in
            out[end] = UInt32(truncatingIfNeeded: row)
            let passes = test(leftData[leftView.index(row)], rightData[rightView.index(row)])
            end &+= bit(both(passes, both(leftView.isValid(row), rightView.isValid(row))))
        }
        return Selection(buffer, count: end)
    }

    /// Rows whose boolean is true.
    public static func rowsTrue(_ vector: Vector, _ rows: Rows) -> Selection {
        if vector.isConstant {
            let isTrue = !vector.isNull(0) && vector.pointer(as: UInt8.self)[0] != 0
            return isTrue ? all(rows) : .none
        }
        return Self.rows(vector, rows, UInt8.self) { $0 != 0 }
    }

    /// Rows whose boolean is false.
    public static func rowsFalse(_ vector: Vector, _ rows: Rows) -> Selection {
        if vector.isConstant {
            let isFalse = !vector.isNull(0) && vector.pointer(as: UInt8.self)[0] == 0
            return isFalse ? all(rows) : .none
        }
        return Self.rows(vector, rows, UInt8.self) { $0 == 0 }
    }

    /// Rows that are null (or not null).
    public static func rowsNull(_ vector: Vector, _ rows: Rows, isNull: Bool) -> Selection {
        guard let validity = vector.view.validity else { return isNull ? .none : all(rows) }
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        if let selection = rows.selection {
            for position in 0..<selection.count {
                let row = Int(selection.indices[position])
                out[end] = UInt32(truncatingIfNeeded: row)
                end &+= bit(Validity.isValid(validity, row) != isNull)
            }
        } else {
            for word in 0..<Validity.wordCount(rows.count) {
                let bits = isNull ? ~validity[word] : validity[word]
                expand(tailMasked(bits, word, rows.count), base: word &<< 6, patterns, out, &end)
            }
        }
        return Selection(buffer, count: end)
    }

    /// Rows by one byte flag per row: those with a flag that is not 0.
    public static func rowsFlagged(_ flags: UnsafePointer<UInt8>, _ rows: Rows) -> Selection {
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        rows.forEach { row in
            out[end] = UInt32(truncatingIfNeeded: row)
            end &+= bit(flags[row] != 0)
        }
        return Selection(buffer, count: end)
    }

    /// Rows by one byte flag per dictionary entry; null rows never.
    public static func rowsByEntry(_ vector: Vector, _ rows: Rows, _ flags: UnsafePointer<UInt8>) -> Selection {
        guard let codes = vector.codes else { return .none }
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        if let validity = vector.validity {
            rows.forEach { row in
                out[end] = UInt32(truncatingIfNeeded: row)
                end &+= Int(flags[Int(codes[row])]) & bit(Validity.isValid(validity, row))
            }
        } else {
            rows.forEach { row in
                out[end] = UInt32(truncatingIfNeeded: row)
                end &+= Int(flags[Int(codes[row])])
            }
        }
        return Selection(buffer, count: end)
    }

    /// Those of `rows` that are not in `taken`, which is a part of them.
    public static func without(_ rows: Rows, _ taken: Selection) -> Selection {
        if taken.count == 0 { return all(rows) }
        let buffer = makeBuffer(rows.selectedCount)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        var end = 0
        var next = 0
        rows.forEach { row in
            let isTaken = next < taken.count && Int(taken.indices[next]) == row
            next &+= bit(isTaken)
            out[end] = UInt32(truncatingIfNeeded: row)
            end &+= bit(!isTaken)
        }
        return Selection(buffer, count: end)
    }

    /// All of `rows` as a selection.
    public static func all(_ rows: Rows) -> Selection {
        if let selection = rows.selection { return selection }
        let buffer = makeBuffer(rows.count)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for row in 0..<rows.count { out[row] = UInt32(truncatingIfNeeded: row) }
        return Selection(buffer, count: rows.count)
    }

    /// The word of a bitmap without bits past `count`.
    @inlinable @inline(__always)
    public static func tailMasked(_ bits: UInt64, _ word: Int, _ count: Int) -> UInt64 {
        let left = count &- word &<< 6
        return left >= 64 ? bits : bits & ((1 &<< UInt64(left)) &- 1)
    }
}

extension Selection {
    /// No row.
    public static let none = Selection(Buffer(byteCount: 4), count: 0)
}
