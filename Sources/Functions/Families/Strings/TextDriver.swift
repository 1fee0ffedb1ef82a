import Columnar
import SQLTypes

/// Drivers for functions of texts: NULL for a NULL argument, once per dictionary entry where that pays.
enum TextDriver {
    /// A call over the entries of the first argument's dictionary when all others are constant, else over the rows.
    static func perEntry(
        _ call: borrowing KernelCall, cannotRaise: Bool, _ body: ([Vector], Rows) throws -> Vector
    ) rethrows -> Vector {
        let first = call.arguments[0]
        let others = call.arguments.dropFirst()
        if others.allSatisfy(\.isConstant),
            first.isConstant || (cannotRaise && Kernel.prefersDictionary(first, call.rows))
        {
            return try Kernel.perEntry(first, call.rows) { entries, rows in
                let zeros = ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self)
                return try body([entries] + others.map { $0.gather(zeros, count: rows.count) }, rows)
            }
        }
        return try body(call.arguments, call.rows)
    }

    /// Results of fixed width. `body` gets the row and the views of the arguments; nil is NULL.
    @inline(__always)
    static func values<R>(
        _ call: borrowing KernelCall, as result: DataType, _: R.Type, cannotRaise: Bool = true,
        _ body: (Int, [VectorView]) throws -> R?
    ) rethrows -> Vector {
        try perEntry(call, cannotRaise: cannotRaise) { arguments, rows in
            let views = arguments.map(\.view)
            let builder = FlatBuilder(result, capacity: rows.count)
            builder.zero()
            let target = builder.pointer(as: R.self)
            try rows.forEach { row in
                for view in views where !view.isValid(row) { return builder.setNull(row) }
                if let value = try body(row, views) { target[row] = value } else { builder.setNull(row) }
            }
            return builder.finish(count: rows.count)
        }
    }

    /// Results that are texts, built in the heap or passed on from an argument.
    @inline(__always)
    static func texts(
        _ call: borrowing KernelCall, as result: DataType, cannotRaise: Bool = true,
        _ body: (Int, [VectorView], StringHeap) throws -> StringView?
    ) rethrows -> Vector {
        try perEntry(call, cannotRaise: cannotRaise) { arguments, rows in
            try texts(arguments, rows, as: result, body)
        }
    }

    /// The same for each row, for functions of other things than texts.
    @inline(__always)
    static func rows(
        _ call: borrowing KernelCall, as result: DataType, _ body: (Int, [VectorView], StringHeap) throws -> StringView?
    ) rethrows -> Vector { try texts(call.arguments, call.rows, as: result, body) }

    @inline(__always)
    private static func texts(
        _ arguments: [Vector], _ rows: Rows, as result: DataType,
        _ body: (Int, [VectorView], StringHeap) throws -> StringView?
    ) rethrows -> Vector {
        let views = arguments.map(\.view)
        let builder = FlatBuilder(result, capacity: rows.count)
        builder.zero()
        for argument in arguments { builder.keepAlive(argument) }
        let target = builder.pointer(as: StringView.self)
        let heap = builder.strings
        try rows.forEach { row in
            for view in views where !view.isValid(row) { return builder.setNull(row) }
            if let value = try body(row, views, heap) { target[row] = value } else { builder.setNull(row) }
        }
        return builder.finish(count: rows.count)
    }
}

extension VectorView {
    /// The bytes of a text lane.
    @inline(__always)
    func withText<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result {
        try load(row, as: StringView.self).withBytes(body)
    }

    /// A text lane as a `String`, for slow paths.
    func string(_ row: Int) -> String { withText(row) { String(decoding: $0, as: UTF8.self) } }
    func bytes(_ row: Int) -> [UInt8] { withText(row) { Array($0) } }
}

extension StringHeap {
    func append(_ bytes: [UInt8]) -> StringView { bytes.withUnsafeBufferPointer { append($0) } }
    func append(_ text: String) -> StringView {
        var copy = text
        return copy.withUTF8 { append($0) }
    }
}

/// Code points in UTF-8 bytes. Bytes that are not UTF-8 count one each.
enum CodePoints {
    @inline(__always)
    static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }

    static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var seen: UInt8 = 0
        for byte in bytes { seen |= byte }
        return seen < 0x80
    }

    static func count(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        for byte in bytes { count &+= Int(unsafeBitCast(byte & 0xc0 != 0x80, to: UInt8.self)) }
        return count
    }

    /// The byte offset of code point `index`, from 0; the byte count when there are fewer.
    static func offset(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        if index <= 0 { return 0 }
        var seen = 0
        for (offset, byte) in bytes.enumerated() where !isContinuation(byte) {
            if seen == index { return offset }
            seen += 1
        }
        return bytes.count
    }

    static func slice(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: bytes[range])
    }
}
