import Columnar
import SQLTypes

/// `||` and its kin on texts and bytes, and splitting.
enum ConcatenationFunctions {
    static let scalars: [ScalarFunction] = [
        concat(
            "(varchar, varchar...) -> varchar", "Texts one after the other",
            [
                FunctionExample("concat('a', 'b', 'c')", "abc"), FunctionExample("'a' || NULL", "NULL"),
            ]),
        concat(
            "(varbinary, varbinary...) -> varbinary", "Bytes one after the other",
            [FunctionExample("X'01' || X'02'", "01 02")]),
        ScalarFunction(
            "concat_ws", "(varchar, varchar...) -> varchar", summary: "Texts joined by a separator; NULLs are left out",
            nulls: .handled,
            examples: [
                FunctionExample("concat_ws(',', 'a', NULL, 'b')", "a,b"),
                FunctionExample("concat_ws(NULL, 'a')", "NULL"),
            ]
        ) { signature in { call in joined(call, signature.result) } },
        ScalarFunction(
            "concat_ws", "(varchar, array(varchar)) -> varchar",
            summary: "The texts of an array joined by a separator; NULLs are left out",
            examples: [
                FunctionExample("concat_ws(',', ARRAY['a', NULL, 'b'])", "a,b"),
                FunctionExample("concat_ws(',', CAST(NULL AS array(varchar)))", "NULL"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[1])
                let texts = list.elements.flattened()
                return withExtendedLifetime(texts) {
                    let view = texts.view
                    return TextDriver.rows(call, as: signature.result) { row, views, heap in
                        var out: [UInt8] = []
                        var isFirst = true
                        for position in list.range(row) where view.isValid(position) {
                            if !isFirst { views[0].withText(row) { out.append(contentsOf: $0) } }
                            view.withText(position) { out.append(contentsOf: $0) }
                            isFirst = false
                        }
                        return heap.append(out)
                    }
                }
            }
        },
        ScalarFunction(
            "split", "(varchar, varchar) -> array(varchar)", summary: "The pieces of a text between delimiters",
            cannotRaise: false,
            examples: [
                FunctionExample("split('a,b', ',')", "[a, b]"),
                FunctionExample("split('a', '')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try split(call, signature.result) } },
        ScalarFunction(
            "split", "(varchar, varchar, bigint) -> array(varchar)",
            summary: "At most n pieces of a text; the last holds the rest",
            cannotRaise: false, examples: [FunctionExample("split('a,b,c', ',', 2)", "[a, b,c]")]
        ) { signature in { call in try split(call, signature.result) } },
    ]

    private static func concat(_ signature: Signature, _ summary: String, _ examples: [FunctionExample])
        -> ScalarFunction
    {
        ScalarFunction("concat", signature, summary: summary, examples: examples) { resolved in
            { call in
                TextDriver.texts(call, as: resolved.result) { row, views, heap in
                    var count = 0
                    for view in views { count &+= view.load(row, as: StringView.self).count }
                    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(count, 16)) { room in
                        // A long result is built in place; a short one is copied into the view.
                        let target =
                            count > StringView.inlineLimit ? heap.allocate(count) : room.baseAddress.unsafelyUnwrapped
                        var offset = 0
                        for view in views {
                            view.withText(row) { bytes in
                                if let base = bytes.baseAddress {
                                    (target + offset).update(from: base, count: bytes.count)
                                }
                                offset &+= bytes.count
                            }
                        }
                        return StringView(target, count)
                    }
                }
            }
        }
    }

    private static func joined(_ call: borrowing KernelCall, _ result: DataType) -> Vector {
        let views = call.arguments.map(\.view)
        let builder = FlatBuilder(result, capacity: call.rows.count)
        builder.zero()
        let target = builder.pointer(as: StringView.self)
        let heap = builder.strings
        var scratch: [UInt8] = []
        call.rows.forEach { row in
            guard views[0].isValid(row) else { return builder.setNull(row) }
            scratch.removeAll(keepingCapacity: true)
            var isFirst = true
            for view in views.dropFirst() where view.isValid(row) {
                if !isFirst { views[0].withText(row) { scratch.append(contentsOf: $0) } }
                view.withText(row) { scratch.append(contentsOf: $0) }
                isFirst = false
            }
            target[row] = heap.append(scratch)
        }
        return builder.finish(count: call.rows.count)
    }

    private static func split(_ call: borrowing KernelCall, _ result: DataType) throws -> Vector {
        let views = call.arguments.map(\.view)
        return try TextArrays.build(result, call.rows, keeping: call.arguments) { row, append in
            for view in views where !view.isValid(row) { return false }
            let limit = views.count > 2 ? views[2].load(row, as: Int64.self) : Int64.max
            guard limit > 0 else { throw QueryError(.invalidFunctionArgument, "Limit must be positive") }
            try views[0].withText(row) { text in
                try views[1].withText(row) { delimiter in
                    guard !delimiter.isEmpty else {
                        throw QueryError(.invalidFunctionArgument, "The delimiter may not be the empty string")
                    }
                    var number: Int64 = 0
                    var rest = 0
                    TextSearch.forEachPiece(text, delimiter) { range in
                        number += 1
                        if number == limit {
                            append(CodePoints.slice(text, rest..<text.count))
                            return false
                        }
                        append(CodePoints.slice(text, range))
                        rest = range.upperBound + delimiter.count
                        return true
                    }
                }
            }
            return true
        }
    }
}

/// Builds `array(varchar)` vectors.
enum TextArrays {
    /// `body` appends the elements of a row, and returns false for NULL.
    static func build(
        _ type: DataType, _ rows: Rows, keeping owners: [Vector],
        _ body: (Int, (UnsafeBufferPointer<UInt8>) -> Void) throws -> Bool
    ) throws -> Vector {
        guard case .array(let element) = type else { return Vector.constant(.null, type, count: rows.count) }
        let builder = FlatBuilder(type, capacity: rows.count)
        builder.zero()
        let entries = builder.pointer(as: ListEntry.self)
        let heap = StringHeap()
        var views: [StringView] = []
        try rows.forEach { row in
            let start = views.count
            let isValid = try body(row) { views.append(heap.append($0)) }
            if isValid {
                entries[row] = ListEntry(
                    offset: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: views.count - start))
            } else {
                builder.setNull(row)
            }
        }
        let elements = FlatBuilder(element, capacity: views.count)
        elements.keepAlive(heap)
        let target = elements.pointer(as: StringView.self)
        for (index, view) in views.enumerated() { target[index] = view }
        return builder.finish(count: rows.count, children: [elements.finish(count: views.count)])
    }
}
