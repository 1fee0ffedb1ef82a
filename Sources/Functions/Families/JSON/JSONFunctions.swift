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
                    FunctionExample("json_parse('{\"b\": 1.50, \"a\": 2}')", "{\"a\":2,\"b\":1.5}"),
                    FunctionExample("json_parse('x')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.texts(call, as: .json, cannotRaise: false) { row, views, heap in
                        try views[0].withText(row) { heap.append(try JSONText.canonical($0)) }
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
                        return views[0].withText(row) { path.find($0)?.text(heap) }
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
                        return views[0].withText(row) { path.find($0)?.scalar(heap) }
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
                        switch views[0].withText(row, { path.find($0)?.value }) {
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
