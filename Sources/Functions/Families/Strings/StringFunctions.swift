import Columnar
import SQLTypes

/// Length, case and order of characters.
enum StringFunctions {
    static let scalars: [ScalarFunction] = lengths + casing

    private static var lengths: [ScalarFunction] {
        [
            ScalarFunction(
                "length", "(varchar) -> bigint", summary: "Characters of a text",
                examples: [
                    FunctionExample("length('abc')", "3"), FunctionExample("length('héé')", "3"),
                    FunctionExample("length(NULL)", "NULL"),
                ]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { view in
                        Int64(view.withBytes { CodePoints.count($0) })
                    }
                }
            },
            ScalarFunction(
                "length", "(char(n)) -> bigint", summary: "Characters of a text, padding included",
                examples: [FunctionExample("length(CAST('a' AS char(3)))", "3")]
            ) { signature in
                var width: Int64 = 0
                if case .char(let length) = signature.arguments[0] { width = Int64(length) }
                return { [width] call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { _ in width }
                }
            },
        ]
    }

    private static var casing: [ScalarFunction] {
        [
            mapping(
                "lower", "(varchar) -> varchar", "The text in lower case",
                [FunctionExample("lower('ABC')", "abc"), FunctionExample("lower('ÉÀ')", "éà")]
            ) { bytes, heap in changeCase(bytes, heap, toUpper: false) },
            mapping(
                "upper", "(varchar) -> varchar", "The text in upper case",
                [FunctionExample("upper('abc')", "ABC"), FunctionExample("upper('éà')", "ÉÀ")]
            ) { bytes, heap in changeCase(bytes, heap, toUpper: true) },
            mapping(
                "reverse", "(varchar) -> varchar", "The characters in reverse order",
                [FunctionExample("reverse('abc')", "cba"), FunctionExample("reverse('né')", "én")]
            ) { bytes, heap in
                var out: [UInt8] = []
                out.reserveCapacity(bytes.count)
                var end = bytes.count
                while end > 0 {
                    var start = end - 1
                    while start > 0, CodePoints.isContinuation(bytes[start]), end - start < 4 { start -= 1 }
                    out.append(contentsOf: bytes[start..<end])
                    end = start
                }
                return heap.append(out)
            },
        ]
    }

    /// One text to one text, without errors.
    static func mapping(
        _ name: String, _ signature: String, _ summary: String, _ examples: [FunctionExample],
        _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>, StringHeap) -> StringView?
    ) -> ScalarFunction {
        ScalarFunction(name, Signature(signature), summary: summary, examples: examples) { resolved in
            let result = resolved.result
            return { call in Kernel.mapStrings(call.arguments[0], call.rows, as: result, body) }
        }
    }

    private static func changeCase(_ bytes: UnsafeBufferPointer<UInt8>, _ heap: StringHeap, toUpper: Bool) -> StringView
    {
        if CodePoints.isASCII(bytes) {
            let low: UInt8 = toUpper ? 0x61 : 0x41
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(bytes.count, 1)) { room in
                for index in 0..<bytes.count {
                    let byte = bytes[index]
                    room[index] = byte &- low < 26 ? byte ^ 0x20 : byte
                }
                return heap.append(UnsafeBufferPointer(rebasing: room[..<bytes.count]))
            }
        }
        // Java's rules: a character maps to one character (ß stays ß in upper()).
        var out = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let mapped = toUpper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            if mapped.unicodeScalars.count == 1 {
                out += mapped
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return heap.append(out)
    }
}
