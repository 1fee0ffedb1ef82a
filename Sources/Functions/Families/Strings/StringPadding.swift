import Columnar
import SQLTypes

/// Texts at a width, and without what stands at their ends.
enum StringPadding {
    /// Widths that padding takes: a limit of ours, for one call must not fill the memory.
    static let largest: Int64 = 64 << 20

    static var scalars: [ScalarFunction] {
        [pad("lpad", isLeft: true), pad("rpad", isLeft: false)]
            + [("ltrim", true, false), ("rtrim", false, true), ("trim", true, true)].flatMap { name, left, right in
                [
                    ScalarFunction(
                        name, "(varchar) -> varchar", summary: "The text without blanks at its ends",
                        examples: [FunctionExample("\(name)('  a  ')", left && right ? "a" : (left ? "a  " : "  a"))]
                    ) { signature in
                        { call in
                            Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                                trim(bytes, left, right, heap) { isBlank($0) }
                            }
                        }
                    },
                    ScalarFunction(
                        name, "(varchar, varchar) -> varchar",
                        summary: "The text without certain characters at its ends",
                        examples: [FunctionExample("\(name)('xax', 'x')", left && right ? "a" : (left ? "ax" : "xa"))]
                    ) { signature in
                        { call in
                            TextDriver.texts(call, as: signature.result) { row, views, heap in
                                let set = Set(views[1].string(row).unicodeScalars)
                                return views[0].withText(row) { trim($0, left, right, heap) { set.contains($0) } }
                            }
                        }
                    },
                ]
            }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0d, 0x1c...0x20, 0x1680, 0x2000...0x2006, 0x2008...0x200a, 0x2028, 0x2029, 0x205f, 0x3000: true
        default: false
        }
    }

    private static func trim(
        _ bytes: UnsafeBufferPointer<UInt8>, _ left: Bool, _ right: Bool, _ heap: StringHeap,
        _ isTrimmed: (Unicode.Scalar) -> Bool
    ) -> StringView {
        var start = 0
        var end = bytes.count
        if left {
            while start < end {
                var next = start + 1
                while next < end, CodePoints.isContinuation(bytes[next]) { next += 1 }
                guard let scalar = scalar(bytes, start..<next), isTrimmed(scalar) else { break }
                start = next
            }
        }
        if right {
            while end > start {
                var previous = end - 1
                while previous > start, CodePoints.isContinuation(bytes[previous]) { previous -= 1 }
                guard let scalar = scalar(bytes, previous..<end), isTrimmed(scalar) else { break }
                end = previous
            }
        }
        return heap.append(CodePoints.slice(bytes, start..<end))
    }

    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Unicode.Scalar? {
        if range.count == 1 { return Unicode.Scalar(bytes[range.lowerBound]) }
        return String(decoding: CodePoints.slice(bytes, range), as: UTF8.self).unicodeScalars.first
    }

    private static func pad(_ name: String, isLeft: Bool) -> ScalarFunction {
        ScalarFunction(
            name, "(varchar, bigint, varchar) -> varchar",
            summary: "The text at a width: cut, or padded with a text", cannotRaise: false,
            examples: [
                FunctionExample("\(name)('ab', 5, 'xy')", isLeft ? "xyxab" : "abxyx"),
                FunctionExample("\(name)('abc', 2, 'x')", "ab"),
                FunctionExample("\(name)('a', 2, '')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    let width = views[1].load(row, as: Int64.self)
                    let fill = Array(views[2].string(row).unicodeScalars)
                    guard width >= 0, width <= largest else {
                        throw QueryError(.invalidFunctionArgument, "Target length must be in the range [0..\(largest)]")
                    }
                    guard !fill.isEmpty else {
                        throw QueryError(.invalidFunctionArgument, "Padding string must not be empty")
                    }
                    return views[0].withText(row) { text in
                        let count = CodePoints.count(text)
                        if count >= Int(width) {
                            return heap.append(CodePoints.slice(text, 0..<CodePoints.offset(text, Int(width))))
                        }
                        let missing = Int(width) - count
                        var padding = ""
                        for index in 0..<missing { padding.unicodeScalars.append(fill[index % fill.count]) }
                        return heap.append(
                            isLeft ? Array(padding.utf8) + Array(text) : Array(text) + Array(padding.utf8))
                    }
                }
            }
        }
    }
}
