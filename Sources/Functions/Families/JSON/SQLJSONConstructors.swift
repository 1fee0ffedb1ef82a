import Columnar
import SQLTypes

/// What `json_object` and `json_array` are bound to, JSON texts among their arguments, and the encodings of FORMAT JSON.
///
/// ```
/// $json_object(nulls, uniqueness, key, value, key, value ...)       $json_array(nulls, element ...)
/// ```
enum SQLJSONConstructors {
    static let scalars: [ScalarFunction] = [object, array, item, decode, encode]

    private static let object = ScalarFunction(
        "$json_object", "(varchar, varchar, any...) -> varchar", summary: "A JSON object of keys and values",
        nulls: .handled, cannotRaise: false, isHidden: true,
        examples: [
            FunctionExample("json_object('a' : 1, 'b' : NULL)", "{\"a\":1,\"b\":null}"),
            FunctionExample("json_object('a' : NULL, 'b' : true ABSENT ON NULL)", "{\"b\":true}"),
            FunctionExample("json_object('a' : 1, 'a' : 2 WITH UNIQUE KEYS)", "INVALID_FUNCTION_ARGUMENT"),
            FunctionExample("json_object()", "{}"),
        ]
    ) { _ in
        { call in
            try texts(call) { row, out in
                let skipsNulls = call.arguments[0].view.string(row) == "ABSENT"
                let isUnique = call.arguments[1].view.string(row) == "UNIQUE"
                var keys: Set<[UInt8]> = []
                out.append(UInt8(ascii: "{"))
                for place in stride(from: 2, to: call.arguments.count - 1, by: 2) {
                    guard !call.arguments[place].isNull(row) else {
                        throw QueryError(
                            .invalidFunctionArgument, "null value passed for JSON object key to JSON_OBJECT function")
                    }
                    let key = call.arguments[place].view.bytes(row)
                    if isUnique, !keys.insert(key).inserted {
                        throw QueryError(
                            .invalidFunctionArgument, "duplicate key passed to JSON_OBJECT function")
                    }
                    if skipsNulls, call.arguments[place + 1].isNull(row) { continue }
                    if out.count > 1 { out.append(UInt8(ascii: ",")) }
                    JSONText.appendString(key, to: &out)
                    out.append(UInt8(ascii: ":"))
                    JSONCasts.append(call.arguments[place + 1], row, to: &out)
                }
                out.append(UInt8(ascii: "}"))
            }
        }
    }

    private static let array = ScalarFunction(
        "$json_array", "(varchar, any...) -> varchar", summary: "A JSON array of values", nulls: .handled,
        isHidden: true,
        examples: [
            FunctionExample("json_array(true, NULL, 'text')", "[true,\"text\"]"),
            FunctionExample("json_array(1, NULL NULL ON NULL)", "[1,null]"),
            FunctionExample("json_array('[ 1 ]' FORMAT JSON, json_query('{\"k\": [2]}', 'lax $.k'))", "[[1],[2]]"),
            FunctionExample("json_array()", "[]"),
        ]
    ) { _ in
        { call in
            try texts(call) { row, out in
                let skipsNulls = call.arguments[0].view.string(row) == "ABSENT"
                out.append(UInt8(ascii: "["))
                for element in call.arguments.dropFirst() where !(skipsNulls && element.isNull(row)) {
                    if out.count > 1 { out.append(UInt8(ascii: ",")) }
                    JSONCasts.append(element, row, to: &out)
                }
                out.append(UInt8(ascii: "]"))
            }
        }
    }

    private static func texts(
        _ call: borrowing KernelCall, _ body: (Int, inout [UInt8]) throws -> Void
    ) throws -> Vector {
        let builder = FlatBuilder(.varcharUnbounded, capacity: call.rows.count)
        builder.zero()
        let target = builder.pointer(as: StringView.self)
        try call.rows.forEach { row in
            var out: [UInt8] = []
            try body(row, &out)
            target[row] = builder.strings.append(out)
        }
        return builder.finish(count: call.rows.count)
    }

    // MARK: JSON texts as arguments

    /// Keeps members in their order, which the type JSON's own form does not.
    private static let item = ScalarFunction(
        "$json_item", "(varchar) -> json", summary: "A JSON text as an argument with FORMAT JSON", cannotRaise: false,
        isHidden: true,
        examples: [
            FunctionExample("json_array('{\"b\": 1, \"a\": 2}' FORMAT JSON)", "[{\"b\":1,\"a\":2}]"),
            FunctionExample("json_array('x' FORMAT JSON)", "JSON_INPUT_CONVERSION_ERROR"),
        ]
    ) { _ in
        { call in
            try TextDriver.texts(call, as: .json, cannotRaise: false) { row, views, heap in
                do throws(JSONError) {
                    let value = try JSONValue.parse(bytes: views[0].bytes(row))
                    return heap.append(JSONText.withCanonicalNumbers(value).text)
                } catch {
                    throw QueryError(.jsonInputConversionError, "conversion to JSON failed: \(error.message)")
                }
            }
        }
    }

    /// Little-endian, as Trino reads them.
    private static let decode = ScalarFunction(
        "$json_decode", "(varbinary, varchar) -> varchar", summary: "JSON text of bytes in an encoding",
        isHidden: true, examples: [FunctionExample("json_array(X'5B0035005D00' FORMAT JSON ENCODING UTF16)", "[[5]]")]
    ) { signature in
        { call in
            TextDriver.texts(call, as: signature.result) { row, views, heap in
                let bytes = views[0].bytes(row)
                switch views[1].string(row) {
                case "UTF16":
                    let units = stride(from: 0, to: bytes.count - 1, by: 2).map {
                        UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8
                    }
                    return heap.append(String(decoding: units, as: UTF16.self))
                case "UTF32":
                    let units = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
                        (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32($1 * 8) }
                    }
                    return heap.append(String(decoding: units, as: UTF32.self))
                default: return heap.append(bytes)
                }
            }
        }
    }

    private static let encode = ScalarFunction(
        "$json_encode", "(varchar, varchar) -> varbinary", summary: "JSON text as bytes in an encoding", isHidden: true,
        examples: [
            FunctionExample("json_array(1 RETURNING varbinary)", "5b 31 5d"),
            FunctionExample("json_array(1 RETURNING varbinary FORMAT JSON ENCODING UTF16)", "5b 00 31 00 5d 00"),
        ]
    ) { signature in
        { call in
            TextDriver.texts(call, as: signature.result) { row, views, heap in
                let text = views[0].string(row)
                switch views[1].string(row) {
                case "UTF16": return heap.append(text.utf16.flatMap { littleEndian(UInt32($0), 2) })
                case "UTF32": return heap.append(text.unicodeScalars.flatMap { littleEndian($0.value, 4) })
                default: return heap.append(text)
                }
            }
        }
    }

    private static func littleEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32($0 * 8)) }
    }
}
