import Columnar
import SQLTypes

/// Functions of JSON texts: parsing, printing, and simple paths (`$.a[0]["b"]`).
enum JSONFunctions {
    static let scalars: [ScalarFunction] =
        ["json", "varchar"].flatMap(lookups) + [
            ScalarFunction(
                "json_parse", "(varchar) -> json", summary: "A text as JSON", cannotRaise: false,
                examples: [
                    FunctionExample("json_parse('[1, 2]')", "[1,2]"),
                    FunctionExample("json_parse('x')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.texts(call, as: .json, cannotRaise: false) { row, views, heap in
                        guard let value = parse(views[0], row) else {
                            throw QueryError(
                                .invalidFunctionArgument, "Cannot convert value to JSON: '\(views[0].string(row))'")
                        }
                        return heap.append(value.text)
                    }
                }
            },
            ScalarFunction(
                "json_format", "(json) -> varchar", summary: "JSON as a text",
                examples: [FunctionExample("json_format(JSON '[1]')", "[1]")]
            ) { _ in
                { call in call.arguments[0].retyped(.varcharUnbounded) }
            },
        ]

    private static func parse(_ view: VectorView, _ row: Int) -> JSONValue? {
        try? JSONValue.parse(bytes: view.bytes(row))
    }

    private static func arrayContains<T: Sendable>(
        _ type: String, _ wanted: String, _ arguments: String, _: T.Type,
        _ matches: @escaping @Sendable (JSONValue, T) -> Bool
    ) -> ScalarFunction {
        ScalarFunction(
            "json_array_contains", Signature("(\(type), \(wanted)) -> boolean"),
            summary: "Whether a JSON array has a value; NULL for what is no array",
            examples: [FunctionExample("json_array_contains(\(arguments))", "false")]
        ) { _ in
            { call in
                TextDriver.values(call, as: .boolean, UInt8.self) { row, views in
                    guard let items = parse(views[0], row)?.arrayValue else { return nil }
                    let value = views[1].load(row, as: T.self)
                    return items.contains { matches($0, value) } ? 1 : 0
                }
            }
        }
    }

    private static func lookups(_ type: String) -> [ScalarFunction] {
        let input = type == "json" ? "JSON '{\"a\": [1, 2]}'" : "'{\"a\": [1, 2]}'"
        return [
            ScalarFunction(
                "json_extract", Signature("(\(type), varchar) -> json"), summary: "The value at a path; NULL for none",
                cannotRaise: false,
                examples: [FunctionExample("json_extract(\(input), '$.a')", "[1,2]")]
            ) { _ in
                let paths = JSONPathCache()
                return { call in
                    try TextDriver.texts(call, as: .json, cannotRaise: false) { row, views, heap in
                        let path = try paths.path(views[1], row)
                        return parse(views[0], row).flatMap(path.find).map { heap.append($0.text) }
                    }
                }
            },
            ScalarFunction(
                "json_extract_scalar", Signature("(\(type), varchar) -> varchar"),
                summary: "The scalar at a path as a text; NULL for none",
                cannotRaise: false, examples: [FunctionExample("json_extract_scalar(\(input), '$.a[1]')", "2")]
            ) { _ in
                let paths = JSONPathCache()
                return { call in
                    try TextDriver.texts(call, as: .varcharUnbounded, cannotRaise: false) { row, views, heap in
                        let path = try paths.path(views[1], row)
                        switch parse(views[0], row).flatMap(path.find) {
                        case .string(let text): return heap.append(text)
                        case .number(let text): return heap.append(text)
                        case .bool(let flag): return heap.append(flag ? "true" : "false")
                        case .null, .array, .object, nil: return nil
                        }
                    }
                }
            },
            ScalarFunction(
                "json_array_length", Signature("(\(type)) -> bigint"),
                summary: "Elements of a JSON array; NULL for anything else",
                examples: [FunctionExample("json_array_length('[1, 2]')", "2")]
            ) { _ in
                { call in
                    TextDriver.values(call, as: .bigint, Int64.self) { row, views in
                        parse(views[0], row)?.arrayValue.map { Int64($0.count) }
                    }
                }
            },
            ScalarFunction(
                "json_array_get", Signature("(\(type), bigint) -> json"),
                summary: "Element of a JSON array, from 0, or from the end",
                examples: [FunctionExample("json_array_get('[1, 2]', -1)", "2")]
            ) { _ in
                { call in
                    TextDriver.texts(call, as: .json) { row, views, heap in
                        guard let items = parse(views[0], row)?.arrayValue else { return nil }
                        let index = Int(clamping: views[1].load(row, as: Int64.self))
                        let place = index >= 0 ? index : items.count &+ index
                        return items.indices.contains(place) ? heap.append(items[place].text) : nil
                    }
                }
            },
            ScalarFunction(
                "is_json_scalar", Signature("(\(type)) -> boolean"),
                summary: "Whether JSON is a number, a string, true, false or null", cannotRaise: false,
                examples: [
                    FunctionExample("is_json_scalar('1')", "true"), FunctionExample("is_json_scalar('[1]')", "false"),
                    FunctionExample("is_json_scalar('x')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .boolean, UInt8.self, cannotRaise: false) { row, views in
                        switch parse(views[0], row) {
                        case .array, .object: return 0
                        case .null, .bool, .number, .string: return 1
                        case nil:
                            throw QueryError(.invalidFunctionArgument, "Invalid JSON value: \(views[0].string(row))")
                        }
                    }
                }
            },
            arrayContains(type, "boolean", "'[true]', false", UInt8.self) { item, wanted in
                item.boolValue.map { $0 == (wanted == 1) } ?? false
            },
            arrayContains(type, "bigint", "'[1, 2.5]', 2", Int64.self) { item, wanted in
                if case .number(let text) = item { Int64(text) == wanted } else { false }
            },
            arrayContains(type, "double", "'[1, 2]', 2.5e0", Double.self) { item, wanted in
                if case .number(let text) = item { Double(text) == wanted } else { false }
            },
            arrayContains(type, "varchar", "'[\"a\"]', 'b'", StringView.self) { item, wanted in
                item.stringValue.map { text in wanted.withBytes { $0.elementsEqual(text.utf8) } } ?? false
            },
            ScalarFunction(
                "json_size", Signature("(\(type), varchar) -> bigint"),
                summary: "Members or elements at a path; 0 for a scalar", cannotRaise: false,
                examples: [FunctionExample("json_size(\(input), '$.a')", "2")]
            ) { _ in
                let paths = JSONPathCache()
                return { call in
                    try TextDriver.values(call, as: .bigint, Int64.self, cannotRaise: false) { row, views in
                        let path = try paths.path(views[1], row)
                        switch parse(views[0], row).flatMap(path.find) {
                        case .array(let items): return Int64(items.count)
                        case .object(let members): return Int64(members.count)
                        case nil: return nil
                        case .null, .bool, .number, .string: return 0
                        }
                    }
                }
            },
        ]
    }
}

/// A path of members and elements.
struct JSONPath {
    private enum Step {
        case member(String)
        case element(Int)
    }

    private var steps: [Step] = []

    /// - Throws: INVALID_FUNCTION_ARGUMENT for what is not `$`, `.name`, `[name]`, `["name"]` or `[n]`.
    init(_ text: String) throws {
        func invalid() -> QueryError { QueryError(.invalidFunctionArgument, "Invalid JSON path: '\(text)'") }
        var rest = text[...]
        guard rest.popFirst() == "$" else { throw invalid() }
        while let first = rest.popFirst() {
            if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { throw invalid() }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(name.count)
            } else if first == "[" {
                if rest.first == "\"" {
                    rest.removeFirst()
                    guard let end = rest.firstIndex(of: "\"") else { throw invalid() }
                    steps.append(.member(String(rest[..<end])))
                    rest = rest[rest.index(after: end)...]
                } else {
                    // `[3]` is an element, `[name]` a member.
                    let word = rest.prefix { $0 != "]" }
                    guard !word.isEmpty, word != "*" else { throw invalid() }
                    if let index = Int(word) {
                        guard index >= 0 else { throw invalid() }
                        steps.append(.element(index))
                    } else {
                        steps.append(.member(String(word)))
                    }
                    rest = rest.dropFirst(word.count)
                }
                guard rest.popFirst() == "]" else { throw invalid() }
            } else {
                throw invalid()
            }
        }
    }

    func find(_ value: JSONValue) -> JSONValue? {
        var current = value
        for step in steps {
            switch step {
            case .member(let name):
                guard let next = current[name] else { return nil }
                current = next
            case .element(let index):
                guard let items = current.arrayValue, items.indices.contains(index) else { return nil }
                current = items[index]
            }
        }
        return current
    }
}

/// The last path of a call, taken apart.
final class JSONPathCache {
    private var text: String?
    private var path: JSONPath?

    func path(_ view: VectorView, _ row: Int) throws -> JSONPath {
        let wanted = view.string(row)
        if let path, wanted == text { return path }
        let made = try JSONPath(wanted)
        text = wanted
        path = made
        return made
    }
}
