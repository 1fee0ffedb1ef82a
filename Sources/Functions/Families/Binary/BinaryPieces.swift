import Columnar
import SQLTypes

/// Parts of bytes, padding, and the text forms beside hexadecimal and Base64.
enum BinaryPieces {
    static let scalars: [ScalarFunction] =
        pieces + [pad("lpad", isLeft: true), pad("rpad", isLeft: false)] + texts + replacingUTF8

    // MARK: Pieces

    private static var pieces: [ScalarFunction] {
        [
            ScalarFunction(
                "substr", aliases: ["substring"], "(varbinary, bigint) -> varbinary",
                summary: "The bytes from a position on; negative positions count from the end",
                examples: [
                    FunctionExample("substr(X'010203', 2)", "02 03"), FunctionExample("substr(X'010203', -1)", "03"),
                ]
            ) { signature in { call in part(call, signature.result) } },
            ScalarFunction(
                "substr", aliases: ["substring"], "(varbinary, bigint, bigint) -> varbinary",
                summary: "So many bytes from a position on",
                examples: [
                    FunctionExample("substr(X'010203', 2, 1)", "02"), FunctionExample("substr(X'010203', 0, 1)", ""),
                ]
            ) { signature in { call in part(call, signature.result) } },
            ScalarFunction(
                "reverse", "(varbinary) -> varbinary", summary: "The bytes in reverse order",
                examples: [FunctionExample("reverse(X'010203')", "03 02 01")]
            ) { signature in
                { call in
                    Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                        heap.append(Array(bytes.reversed()))
                    }
                }
            },
        ]
    }

    private static func part(_ call: borrowing KernelCall, _ result: DataType) -> Vector {
        TextDriver.texts(call, as: result) { row, views, heap in
            let start = views[1].load(row, as: Int64.self)
            let length = views.count > 2 ? views[2].load(row, as: Int64.self) : Int64.max
            return views[0].withText(row) { bytes in
                let first = start > 0 ? Int(clamping: start) - 1 : bytes.count + Int(clamping: start)
                guard start != 0, length > 0, first >= 0, first < bytes.count else { return StringView() }
                let last = length >= Int64(bytes.count - first) ? bytes.count : first + Int(length)
                return heap.append(CodePoints.slice(bytes, first..<last))
            }
        }
    }

    private static func pad(_ name: String, isLeft: Bool) -> ScalarFunction {
        ScalarFunction(
            name, "(varbinary, bigint, varbinary) -> varbinary",
            summary: "The bytes at a width: cut, or padded with bytes", cannotRaise: false,
            examples: [
                FunctionExample("\(name)(X'01', 3, X'0A0B')", isLeft ? "0a 0b 01" : "01 0a 0b"),
                FunctionExample("\(name)(X'010203', 2, X'0A')", "01 02"),
                FunctionExample("\(name)(X'01', 2, X'')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    let width = views[1].load(row, as: Int64.self)
                    let fill = views[2].bytes(row)
                    guard width >= 0, width <= StringPadding.largest else {
                        throw QueryError(
                            .invalidFunctionArgument,
                            "Target length must be in the range [0..\(StringPadding.largest)]")
                    }
                    guard !fill.isEmpty else {
                        throw QueryError(.invalidFunctionArgument, "Padding bytes must not be empty")
                    }
                    let bytes = views[0].bytes(row)
                    if bytes.count >= Int(width) { return heap.append(Array(bytes.prefix(Int(width)))) }
                    let padding = (0..<Int(width) - bytes.count).map { fill[$0 % fill.count] }
                    return heap.append(isLeft ? padding + bytes : bytes + padding)
                }
            }
        }
    }

    // MARK: Text forms

    private static var texts: [ScalarFunction] {
        [
            BinaryFunctions.encoding(
                "to_base32", "Bytes in Base32", FunctionExample("to_base32(X'666F6F')", "MZXW6===")
            ) { encode($0, base32, bits: 5, padTo: 8) },
            BinaryFunctions.decoding(
                "from_base32", "Bytes of Base32", FunctionExample("from_base32('MZXW6===')", "66 6f 6f")
            ) { decode($0, base32, bits: 5) },
            BinaryFunctions.encoding(
                "to_base64url", "Bytes in Base64 with the characters of URLs",
                FunctionExample("to_base64url(X'FBFF')", "-_8=")
            ) { encode($0, base64URL, bits: 6, padTo: 4) },
            BinaryFunctions.decoding(
                "from_base64url", "Bytes of Base64 with the characters of URLs",
                FunctionExample("from_base64url('-_8=')", "fb ff")
            ) { decode($0, base64URL, bits: 6) },
        ]
    }

    private static var replacingUTF8: [ScalarFunction] {
        [
            ScalarFunction(
                "from_utf8", "(varbinary, varchar) -> varchar",
                summary: "The text of bytes in UTF-8, with a character (or nothing) for what is none",
                cannotRaise: false,
                examples: [
                    FunctionExample("from_utf8(X'58bf', '#')", "X#"), FunctionExample("from_utf8(X'58bf', '')", "X"),
                    FunctionExample("from_utf8(X'58', 'ab')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                        let replacement = views[1].string(row)
                        guard replacement.unicodeScalars.count <= 1 else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "Replacement character string must empty or a single character")
                        }
                        return heap.append(decoded(views[0].bytes(row), replacement))
                    }
                }
            },
            ScalarFunction(
                "from_utf8", "(varbinary, bigint) -> varchar",
                summary: "The text of bytes in UTF-8, with the character of a code point for what is none",
                cannotRaise: false,
                examples: [
                    FunctionExample("from_utf8(X'58bf', 35)", "X#"),
                    FunctionExample("from_utf8(X'58bf', -1)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                        let code = views[1].load(row, as: Int64.self)
                        guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
                            throw QueryError(.invalidFunctionArgument, "Invalid replacement character")
                        }
                        return heap.append(decoded(views[0].bytes(row), String(Character(scalar))))
                    }
                }
            },
        ]
    }

    private static func decoded(_ bytes: [UInt8], _ replacement: String) -> String {
        var out = ""
        var iterator = bytes.makeIterator()
        var decoder = UTF8()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): out.unicodeScalars.append(scalar)
            case .error: out += replacement
            case .emptyInput: return out
            }
        }
    }

    private static let base32 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    private static let base64URL = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// RFC 4648: groups of `bits`, the first byte's highest bit first, padded with `=`.
    private static func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, _ alphabet: [UInt8], bits width: Int, padTo: Int
    ) -> [UInt8] {
        var out: [UInt8] = []
        var word: UInt32 = 0
        var count = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            count += 8
            while count >= width {
                count -= width
                out.append(alphabet[Int(word >> UInt32(count)) & (alphabet.count - 1)])
            }
        }
        if count > 0 { out.append(alphabet[Int(word << UInt32(width - count)) & (alphabet.count - 1)]) }
        while out.count % padTo != 0 { out.append(UInt8(ascii: "=")) }
        return out
    }

    private static func decode(_ text: [UInt8], _ alphabet: [UInt8], bits width: Int) -> [UInt8]? {
        var end = text.count
        while end > 0, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        var out: [UInt8] = []
        var word: UInt32 = 0
        var count = 0
        for byte in text[..<end] {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            word = word << UInt32(width) | UInt32(value)
            count += width
            if count >= 8 {
                count -= 8
                out.append(UInt8(truncatingIfNeeded: word >> UInt32(count)))
            }
        }
        return out
    }
}
