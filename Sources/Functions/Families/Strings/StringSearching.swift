import Columnar
import SQLTypes

/// Places of texts in texts, and how far texts are from each other.
enum StringSearching {
    static var scalars: [ScalarFunction] {
        [
            ScalarFunction(
                "strpos", aliases: ["position", "index"], "(varchar, varchar) -> bigint",
                summary: "Place of a text in another, from 1; 0 for none",
                examples: [
                    FunctionExample("strpos('abcb', 'b')", "2"), FunctionExample("strpos('abc', 'x')", "0"),
                    FunctionExample("strpos('éa', 'a')", "2"),
                ]
            ) { _ in
                { call in
                    TextDriver.values(call, as: .bigint, Int64.self) { row, views in
                        views[0].withText(row) { text in
                            views[1].withText(row) { needle in
                                guard let place = TextSearch.find(needle, in: text, from: 0) else { return 0 }
                                return Int64(CodePoints.count(CodePoints.slice(text, 0..<place))) + 1
                            }
                        }
                    }
                }
            },
            ScalarFunction(
                "strpos", "(varchar, varchar, bigint) -> bigint",
                summary: "Place of the n-th occurrence of a text; negative n counts from the end",
                cannotRaise: false,
                examples: [
                    FunctionExample("strpos('abcb', 'b', 2)", "4"), FunctionExample("strpos('abcb', 'b', -1)", "4"),
                ]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .bigint, Int64.self, cannotRaise: false) { row, views in
                        let instance = views[2].load(row, as: Int64.self)
                        guard instance != 0 else {
                            throw QueryError(
                                .invalidFunctionArgument, "'instance' must be a positive or negative number.")
                        }
                        return views[0].withText(row) { text in
                            views[1].withText(row) { needle in
                                var places: [Int] = []
                                var start = 0
                                while let place = TextSearch.find(needle, in: text, from: start) {
                                    places.append(place)
                                    start = place + 1
                                    if needle.isEmpty || (instance > 0 && places.count >= Int(clamping: instance)) {
                                        break
                                    }
                                }
                                let index =
                                    instance > 0 ? Int(clamping: instance) - 1 : places.count + Int(clamping: instance)
                                guard places.indices.contains(index) else { return 0 }
                                return Int64(CodePoints.count(CodePoints.slice(text, 0..<places[index]))) + 1
                            }
                        }
                    }
                }
            },
            affix(
                "starts_with", "Whether a text begins with another", FunctionExample("starts_with('abc', 'ab')", "true")
            ) { text, part in
                text.count >= part.count && text.prefix(part.count).elementsEqual(part)
            },
            affix("ends_with", "Whether a text ends with another", FunctionExample("ends_with('abc', 'bc')", "true")) {
                text, part in
                text.count >= part.count && text.suffix(part.count).elementsEqual(part)
            },
            ScalarFunction(
                "levenshtein_distance", "(varchar, varchar) -> bigint",
                summary: "Single-character edits that part two texts",
                examples: [FunctionExample("levenshtein_distance('kitten', 'sitting')", "3")]
            ) { _ in
                { call in
                    TextDriver.values(call, as: .bigint, Int64.self) { row, views in
                        Int64(
                            editDistance(
                                Array(views[0].string(row).unicodeScalars), Array(views[1].string(row).unicodeScalars)))
                    }
                }
            },
            ScalarFunction(
                "hamming_distance", "(varchar, varchar) -> bigint",
                summary: "Places at which two texts of one length differ",
                cannotRaise: false,
                examples: [
                    FunctionExample("hamming_distance('abc', 'axc')", "1"),
                    FunctionExample("hamming_distance('a', 'ab')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .bigint, Int64.self, cannotRaise: false) { row, views in
                        let left = Array(views[0].string(row).unicodeScalars)
                        let right = Array(views[1].string(row).unicodeScalars)
                        guard left.count == right.count else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "The input strings to hamming_distance function must have the same length")
                        }
                        return Int64(zip(left, right).filter { $0 != $1 }.count)
                    }
                }
            },
        ]
    }

    private static func affix(
        _ name: String, _ summary: String, _ example: FunctionExample,
        _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
    ) -> ScalarFunction {
        ScalarFunction(name, "(varchar, varchar) -> boolean", summary: summary, examples: [example]) { _ in
            { call in
                TextDriver.values(call, as: .boolean, UInt8.self) { row, views in
                    views[0].withText(row) { text in views[1].withText(row) { body(text, $0) ? 1 : 0 } }
                }
            }
        }
    }

    private static func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var previous = Array(0...right.count)
        var current = previous
        for i in left.indices {
            current[0] = i + 1
            for j in right.indices {
                current[j + 1] = min(previous[j] + (left[i] == right[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
            }
            swap(&previous, &current)
        }
        return previous[right.count]
    }
}
