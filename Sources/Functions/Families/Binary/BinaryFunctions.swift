import Columnar
import SQLTypes

/// Functions of bytes: text forms and length.
enum BinaryFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "length", "(varbinary) -> bigint", summary: "Bytes", examples: [FunctionExample("length(X'0102')", "2")]
        ) { _ in
            { call in
                Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { Int64($0.count) }
            }
        },
        encoding("to_hex", "Bytes as hexadecimal digits", FunctionExample("to_hex(X'0AFF')", "0AFF")) { bytes in
            let digits = Array("0123456789ABCDEF".utf8)
            return bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        },
        decoding("from_hex", "Bytes of hexadecimal digits", FunctionExample("from_hex('0AFF')", "0a ff")) { text in
            guard text.count % 2 == 0 else { return nil }
            var out: [UInt8] = []
            for index in stride(from: 0, to: text.count, by: 2) {
                guard let byte = UInt8(String(decoding: text[index...index + 1], as: UTF8.self), radix: 16) else {
                    return nil
                }
                out.append(byte)
            }
            return out
        },
        encoding("to_base64", "Bytes in Base64", FunctionExample("to_base64(X'666F6F')", "Zm9v")) { bytes in
            var out: [UInt8] = []
            Base64Text.append(Array(bytes), to: &out)
            return out
        },
        decoding("from_base64", "Bytes of Base64", FunctionExample("from_base64('Zm9v')", "66 6f 6f")) { text in
            var out: [UInt8] = []
            var bits: UInt32 = 0
            var count = 0
            for byte in text where byte != UInt8(ascii: "=") {
                let value: UInt8
                switch byte {
                case 0x41...0x5a: value = byte - 0x41
                case 0x61...0x7a: value = byte - 0x61 + 26
                case 0x30...0x39: value = byte - 0x30 + 52
                case UInt8(ascii: "+"): value = 62
                case UInt8(ascii: "/"): value = 63
                default: return nil
                }
                bits = bits << 6 | UInt32(value)
                count += 6
                if count >= 8 {
                    count -= 8
                    out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
                }
            }
            return out
        },
        ScalarFunction(
            "to_utf8", "(varchar) -> varbinary", summary: "The bytes of a text in UTF-8",
            examples: [FunctionExample("to_utf8('hi')", "68 69")]
        ) { _ in { call in call.arguments[0].retyped(.varbinary) } },
        ScalarFunction(
            "from_utf8", "(varbinary) -> varchar", summary: "The text of bytes in UTF-8; what is none becomes U+FFFD",
            examples: [FunctionExample("from_utf8(X'6869')", "hi")]
        ) { signature in
            { call in
                Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                    heap.append(String(decoding: bytes, as: UTF8.self))
                }
            }
        },
    ]

    static func encoding(
        _ name: String, _ summary: String, _ example: FunctionExample,
        _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) -> ScalarFunction {
        ScalarFunction(name, "(varbinary) -> varchar", summary: summary, examples: [example]) { signature in
            { call in Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { $1.append(body($0)) } }
        }
    }

    static func decoding(
        _ name: String, _ summary: String, _ example: FunctionExample, _ body: @escaping @Sendable ([UInt8]) -> [UInt8]?
    ) -> ScalarFunction {
        ScalarFunction(name, "(varchar) -> varbinary", summary: summary, cannotRaise: false, examples: [example]) {
            signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    guard let bytes = body(views[0].bytes(row)) else {
                        throw QueryError(
                            .invalidFunctionArgument, "Cannot decode '\(views[0].string(row))' with \(name)")
                    }
                    return heap.append(bytes)
                }
            }
        }
    }
}
