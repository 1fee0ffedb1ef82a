import Columnar
import SQLTypes

/// Digests and checksums of bytes, and numbers as bytes.
enum DigestFunctions {
    static let scalars: [ScalarFunction] = digests + keyed + numbers

    private static func toBytes(
        _ name: String, _ summary: String, _ expression: String, _ result: String,
        _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8]
    ) -> ScalarFunction {
        ScalarFunction(
            name, "(varbinary) -> varbinary", summary: summary,
            examples: [
                FunctionExample(expression, result), FunctionExample("\(name)(CAST(NULL AS varbinary))", "NULL"),
            ]
        ) { signature in
            { call in
                Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                    heap.append(body(bytes))
                }
            }
        }
    }

    private static var digests: [ScalarFunction] {
        [
            toBytes("md5", "MD5 digest", "to_hex(md5(to_utf8('')))", "D41D8CD98F00B204E9800998ECF8427E") {
                Digests.md5($0)
            },
            toBytes("sha1", "SHA-1 digest", "to_hex(sha1(to_utf8('abc')))", "A9993E364706816ABA3E25717850C26C9CD0D89D")
            {
                Digests.sha1($0)
            },
            toBytes(
                "sha256", "SHA-256 digest", "to_hex(sha256(to_utf8('abc')))",
                "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
            ) { Digests.sha256($0) },
            toBytes(
                "sha512", "SHA-512 digest", "substr(to_hex(sha512(to_utf8('abc'))), 1, 16)", "DDAF35A193617ABA"
            ) { Digests.sha512($0) },
            toBytes(
                "murmur3", "MurmurHash3 (x64, 128 bits)", "to_hex(murmur3(to_utf8('')))",
                "00000000000000000000000000000000"
            ) {
                Digests.murmur3($0)
            },
            toBytes("xxhash64", "xxHash64, big-endian", "to_hex(xxhash64(to_utf8('')))", "EF46DB3751D8E999") { bytes in
                let hash = Digests.xxHash64(bytes)
                return (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(56 - $0 * 8)) }
            },
            ScalarFunction(
                "crc32", "(varbinary) -> bigint", summary: "CRC-32 checksum",
                examples: [FunctionExample("crc32(to_utf8('hello'))", "907060870")]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { view in
                        view.withBytes { Int64(Digests.crc32($0)) }
                    }
                }
            },
        ]
    }

    private static var keyed: [ScalarFunction] {
        let hashes: [(String, Int, @Sendable (UnsafeBufferPointer<UInt8>) -> [UInt8])] = [
            ("hmac_md5", 64, { Digests.md5($0) }), ("hmac_sha1", 64, { Digests.sha1($0) }),
            ("hmac_sha256", 64, { Digests.sha256($0) }), ("hmac_sha512", 128, { Digests.sha512($0) }),
        ]
        return hashes.map { name, block, hash in
            let example: String
            switch name {
            case "hmac_md5": example = "63530468A04E3864"
            case "hmac_sha1": example = "F42BB0EEB018EBBD"
            case "hmac_sha256": example = "5D5D139563C95B59"
            default: example = "84FA5AA0279BBC47"
            }
            return ScalarFunction(
                name, "(varbinary, varbinary) -> varbinary", summary: "HMAC of the bytes with a key",
                examples: [
                    FunctionExample("substr(to_hex(\(name)(to_utf8(''), to_utf8('key'))), 1, 16)", example),
                    FunctionExample("\(name)(NULL, to_utf8('key'))", "NULL"),
                ]
            ) { signature in
                { call in
                    TextDriver.texts(call, as: signature.result) { row, views, heap in
                        views[0].withText(row) { message in
                            views[1].withText(row) { heap.append(Digests.hmac(message, key: $0, block: block, hash)) }
                        }
                    }
                }
            }
        }
    }

    // MARK: Numbers as bytes

    private static var numbers: [ScalarFunction] {
        [
            write(
                "to_big_endian_64", "bigint", Int64.self, "Eight bytes, the highest first", "258",
                "00 00 00 00 00 00 01 02"
            ) { UInt64(bitPattern: $0).bigEndian },
            write("to_big_endian_32", "integer", Int32.self, "Four bytes, the highest first", "-2", "ff ff ff fe") {
                UInt32(bitPattern: $0).bigEndian
            },
            write(
                "to_ieee754_64", "double", Double.self, "IEEE 754 bits, the highest byte first", "1e0",
                "3f f0 00 00 00 00 00 00"
            ) { $0.bitPattern.bigEndian },
            write(
                "to_ieee754_32", "real", Float.self, "IEEE 754 bits, the highest byte first", "REAL '1'", "3f 80 00 00"
            ) { $0.bitPattern.bigEndian },
            read("from_big_endian_64", "bigint", UInt64.self, Int64.self, "X'0000000000000102'", "258") {
                Int64(bitPattern: UInt64(bigEndian: $0))
            },
            read("from_big_endian_32", "integer", UInt32.self, Int32.self, "X'FFFFFFFE'", "-2") {
                Int32(bitPattern: UInt32(bigEndian: $0))
            },
            read("from_ieee754_64", "double", UInt64.self, Double.self, "X'3FF0000000000000'", "1.0") {
                Double(bitPattern: UInt64(bigEndian: $0))
            },
            read("from_ieee754_32", "real", UInt32.self, Float.self, "X'3F800000'", "1.0") {
                Float(bitPattern: UInt32(bigEndian: $0))
            },
        ]
    }

    private static func write<T: Sendable, Word: FixedWidthInteger & Sendable>(
        _ name: String, _ type: String, _: T.Type, _ summary: String, _ input: String, _ output: String,
        _ body: @escaping @Sendable (T) -> Word
    ) -> ScalarFunction {
        ScalarFunction(
            name, Signature("(\(type)) -> varbinary"), summary: summary,
            examples: [FunctionExample("\(name)(\(input))", output), FunctionExample("\(name)(NULL)", "NULL")]
        ) { signature in
            { call in
                Kernel.unary(call.arguments[0], call.rows, as: signature.result, T.self, StringView.self) { value in
                    // Never longer than what a view holds inline.
                    withUnsafeBytes(of: body(value)) { raw in
                        StringView(raw.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self), raw.count)
                    }
                }
            }
        }
    }

    private static func read<Word: FixedWidthInteger & Sendable, T: Sendable>(
        _ name: String, _ type: String, _: Word.Type, _: T.Type, _ input: String, _ output: String,
        _ body: @escaping @Sendable (Word) -> T
    ) -> ScalarFunction {
        let width = MemoryLayout<Word>.size
        return ScalarFunction(
            name, Signature("(varbinary) -> \(type)"), summary: "Number from \(width) bytes, the highest first",
            cannotRaise: false,
            examples: [
                FunctionExample("\(name)(\(input))", output),
                FunctionExample("\(name)(X'00')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try Kernel.unaryThrowing(call.arguments[0], call.rows, as: signature.result, StringView.self, T.self) {
                    view in
                    try view.withBytes { bytes in
                        guard bytes.count == width, let start = bytes.baseAddress else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "expected \(width)-byte input, but got instead: \(bytes.count)")
                        }
                        return body(UnsafeRawPointer(start).loadUnaligned(as: Word.self))
                    }
                }
            }
        }
    }
}
