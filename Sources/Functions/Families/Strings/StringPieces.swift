import Columnar
import SQLTypes

/// Parts of texts: substrings, pieces between delimiters, replacing.
enum StringPieces {
    static var scalars: [ScalarFunction] {
        [
            ScalarFunction(
                "substr", aliases: ["substring"], "(varchar, bigint) -> varchar",
                summary: "The text from a position on; negative positions count from the end",
                examples: [
                    FunctionExample("substr('abcde', 2)", "bcde"), FunctionExample("substr('abcde', -2)", "de"),
                    FunctionExample("substr('abcde', 0)", ""),
                ]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, _ in
                        substring(
                            views[0].load(row, as: StringView.self), views[1].load(row, as: Int64.self), Int64.max)
                    }
                }
            },
            ScalarFunction(
                "substr", aliases: ["substring"], "(varchar, bigint, bigint) -> varchar",
                summary: "So many characters of a text from a position on",
                examples: [
                    FunctionExample("substr('abcde', 2, 3)", "bcd"), FunctionExample("substr('abcde', -2, 1)", "d"),
                    FunctionExample("substr('abc', 9, 1)", ""),
                ]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, _ in
                        substring(
                            views[0].load(row, as: StringView.self), views[1].load(row, as: Int64.self),
                            views[2].load(row, as: Int64.self))
                    }
                }
            },
            ScalarFunction(
                "split_part", "(varchar, varchar, bigint) -> varchar",
                summary: "The n-th piece of a text between delimiters, from 1; NULL past the last", cannotRaise: false,
                examples: [
                    FunctionExample("split_part('a,b,c', ',', 2)", "b"),
                    FunctionExample("split_part('a,b', ',', 3)", "NULL"),
                    FunctionExample("split_part('a', ',', 0)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                        let wanted = views[2].load(row, as: Int64.self)
                        guard wanted > 0 else {
                            throw QueryError(.invalidFunctionArgument, "Index must be greater than zero")
                        }
                        return views[0].withText(row) { text in
                            views[1].withText(row) { delimiter in
                                var found: StringView?
                                var number: Int64 = 0
                                TextSearch.forEachPiece(text, delimiter) { range in
                                    number += 1
                                    if number == wanted { found = heap.append(CodePoints.slice(text, range)) }
                                    return number < wanted
                                }
                                return found
                            }
                        }
                    }
                }
            },
            ScalarFunction(
                "replace", "(varchar, varchar) -> varchar", summary: "The text without a part",
                examples: [FunctionExample("replace('abcb', 'b')", "ac")]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, heap in
                        views[0].withText(row) { text in
                            views[1].withText(row) { search in
                                replace(text, search, UnsafeBufferPointer(start: nil, count: 0), heap)
                            }
                        }
                    }
                }
            },
            ScalarFunction(
                "replace", "(varchar, varchar, varchar) -> varchar",
                summary: "The text with a part replaced throughout",
                examples: [
                    FunctionExample("replace('abcb', 'b', 'x')", "axcx"),
                    FunctionExample("replace('ab', '', '-')", "-a-b-"),
                ]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, heap in
                        views[0].withText(row) { text in
                            views[1].withText(row) { search in
                                views[2].withText(row) { replacement in replace(text, search, replacement, heap) }
                            }
                        }
                    }
                }
            },
            ScalarFunction(
                "translate", "(varchar, varchar, varchar) -> varchar",
                summary: "Characters of one set replaced by those at the same place of another, or removed",
                examples: [FunctionExample("translate('abcd', 'abc', 'xy')", "xyd")]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, heap in
                        let from = Array(views[1].string(row).unicodeScalars)
                        let to = Array(views[2].string(row).unicodeScalars)
                        var out = ""
                        for scalar in views[0].string(row).unicodeScalars {
                            guard let index = from.firstIndex(of: scalar) else {
                                out.unicodeScalars.append(scalar)
                                continue
                            }
                            if index < to.count { out.unicodeScalars.append(to[index]) }
                        }
                        return heap.append(out)
                    }
                }
            },
        ]
    }

    /// `start` counts characters from 1, negative from the end; 0 gives the empty text.
    private static func substring(_ view: StringView, _ start: Int64, _ length: Int64) -> StringView {
        view.withBytes { bytes in
            guard start != 0, length > 0 else { return StringView() }
            let isASCII = CodePoints.isASCII(bytes)
            let total = isASCII ? bytes.count : CodePoints.count(bytes)
            let first = start > 0 ? Int(clamping: start) - 1 : total + Int(clamping: start)
            guard first >= 0, first < total else { return StringView() }
            let last = length >= Int64(total - first) ? total : first + Int(length)
            let range =
                isASCII ? first..<last : CodePoints.offset(bytes, first)..<CodePoints.offset(bytes, last)
            guard let base = bytes.baseAddress else { return StringView() }
            // A long piece points into its text, whose owner the result keeps.
            if range.count > StringView.inlineLimit { return StringView(view.address + range.lowerBound, range.count) }
            return StringView(base + range.lowerBound, range.count)
        }
    }

    private static func replace(
        _ text: UnsafeBufferPointer<UInt8>, _ search: UnsafeBufferPointer<UInt8>,
        _ replacement: UnsafeBufferPointer<UInt8>, _ heap: StringHeap
    ) -> StringView {
        var out: [UInt8] = []
        if search.isEmpty {
            for byte in text {
                if !CodePoints.isContinuation(byte) { out.append(contentsOf: replacement) }
                out.append(byte)
            }
            out.append(contentsOf: replacement)
            return heap.append(out)
        }
        var start = 0
        while let place = TextSearch.find(search, in: text, from: start) {
            out.append(contentsOf: text[start..<place])
            out.append(contentsOf: replacement)
            start = place + search.count
        }
        if start == 0 { return heap.append(text) }
        out.append(contentsOf: text[start...])
        return heap.append(out)
    }
}
