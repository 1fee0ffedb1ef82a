import Columnar
import SQLTypes

/// Teradata's conversions: `to_char`, `to_date`, `to_timestamp` (formats like `yyyy-mm-dd hh24:mi:ss`), `char2hexint`.
enum TeradataFunctions {
    static let scalars: [ScalarFunction] =
        ["timestamp(p)", "timestamp(p) with time zone"].map(toChar) + [
            ScalarFunction(
                "to_timestamp", "(varchar, varchar) -> timestamp(3)",
                summary: "Timestamp from a text by Teradata's format", cannotRaise: false,
                examples: [
                    FunctionExample(
                        "to_timestamp('1988/04/08;02:03:04', 'yyyy/mm/dd;hh24:mi:ss')", "1988-04-08 02:03:04.000"),
                    FunctionExample("to_timestamp('1988/04/08', 'yyyy/mm/qq')", "INVALID_FUNCTION_ARGUMENT"),
                    FunctionExample("to_timestamp(NULL, 'yyyy')", "NULL"),
                ]
            ) { _ in
                { call in
                    let formats = try ParsedArgument(call.arguments[1], call.rows, format)
                    return try Kernel.binaryRows(call, as: .timestamp(precision: 3), Int64.self) { row, bytes in
                        let local = try local(formats.at(row), bytes)
                        return Int64(truncatingIfNeeded: floorDivide(local, Int128(TimeUnit.picosPerMilli))) &* 1000
                    }
                }
            },
            ScalarFunction(
                "to_date", "(varchar, varchar) -> date", summary: "Date from a text by Teradata's format",
                cannotRaise: false,
                examples: [
                    FunctionExample("to_date('1988/04/08', 'yyyy/mm/dd')", "1988-04-08"),
                    FunctionExample("to_date('x', 'yyyy')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    let formats = try ParsedArgument(call.arguments[1], call.rows, format)
                    return try Kernel.binaryRows(call, as: .date, Int32.self) { row, bytes in
                        Int32(
                            truncatingIfNeeded: floorDivide(
                                try local(formats.at(row), bytes), Int128(TimeUnit.picosPerDay)))
                    }
                }
            },
            ScalarFunction(
                "char2hexint", "(varchar) -> varchar", summary: "The UTF-16BE units of a text in hexadecimal",
                examples: [FunctionExample("char2hexint('Aé')", "004100E9")]
            ) { signature in
                { call in
                    Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                        var out = ""
                        for unit in String(decoding: bytes, as: UTF8.self).utf16 {
                            let digits = String(unit, radix: 16, uppercase: true)
                            out += String(repeating: "0", count: 4 - digits.utf8.count) + digits
                        }
                        return heap.append(out)
                    }
                }
            },
        ]

    private static func toChar(_ type: String) -> ScalarFunction {
        ScalarFunction(
            "to_char", Signature("(\(type), varchar) -> varchar"), summary: "Text by Teradata's format",
            cannotRaise: false,
            examples: [
                FunctionExample(
                    "to_char(TIMESTAMP '1988-04-08 14:15:16', 'dd-mm-yyyy hh24:mi:ss')", "08-04-1988 14:15:16"),
                FunctionExample("to_char(TIMESTAMP '1988-04-08 14:15:16', 'yy hh')", "88 02"),
            ]
        ) { signature in
            let source = signature.arguments[0]
            return { call in
                let formats = try ParsedArgument(call.arguments[1], call.rows, format)
                return try DateTimeTextFunctions.print(call, source) { row, value, text in
                    try formats.at(row).append(value, to: &text)
                }
            }
        }
    }

    private static func local(_ format: JodaFormat, _ bytes: UnsafeBufferPointer<UInt8>) throws -> Int128 {
        guard let local = format.parse(bytes)?.local() else {
            throw QueryError(.invalidFunctionArgument, "Invalid format: \"\(String(decoding: bytes, as: UTF8.self))\"")
        }
        return local
    }

    /// The longer fields first.
    private static let fields = [
        ("hh24", "HH"), ("yyyy", "yyyy"), ("yy", "yy"), ("mm", "MM"), ("mi", "mm"), ("dd", "dd"), ("hh", "hh"),
        ("ss", "ss"),
    ]

    private static func format(_ text: String) throws -> JodaFormat {
        var rest = text.lowercased()[...]
        var joda = ""
        while let first = rest.first {
            if let (field, pattern) = fields.first(where: { rest.hasPrefix($0.0) }) {
                joda += pattern
                rest = rest.dropFirst(field.count)
            } else if "-/,.;: ".contains(first) {
                joda.append(first)
                rest = rest.dropFirst()
            } else {
                throw QueryError(
                    .invalidFunctionArgument, "Failed to tokenize string [\(text)] at offset [\(joda.count)]")
            }
        }
        return try JodaFormat(joda)
    }
}
