import Columnar
import SQLTypes

/// Code points, check digits and sounds.
enum StringCharacters {
    static var scalars: [ScalarFunction] {
        [
            ScalarFunction(
                "chr", "(bigint) -> varchar", summary: "The character of a code point", cannotRaise: false,
                examples: [FunctionExample("chr(65)", "A"), FunctionExample("chr(-1)", "INVALID_FUNCTION_ARGUMENT")]
            ) { _ in
                { call in
                    try TextDriver.texts(call, as: .varcharUnbounded, cannotRaise: false) { row, views, heap in
                        let code = views[0].load(row, as: Int64.self)
                        guard let value = UInt32(exactly: code), let scalar = Unicode.Scalar(value) else {
                            throw QueryError(.invalidFunctionArgument, "Not a valid Unicode code point: \(code)")
                        }
                        return heap.append(String(Character(scalar)))
                    }
                }
            },
            ScalarFunction(
                "codepoint", "(varchar(1)) -> integer", summary: "The code point of the only character of a text",
                cannotRaise: false,
                examples: [FunctionExample("codepoint('A')", "65")]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .integer, Int32.self, cannotRaise: false) { row, views in
                        let scalars = views[0].string(row).unicodeScalars
                        guard let first = scalars.first, scalars.count == 1 else {
                            throw QueryError(.invalidFunctionArgument, "Input string must be a single character string")
                        }
                        return Int32(bitPattern: first.value)
                    }
                }
            },
            ScalarFunction(
                "luhn_check", "(varchar) -> boolean", summary: "Whether digits end with their Luhn check digit",
                cannotRaise: false,
                examples: [
                    FunctionExample("luhn_check('79927398713')", "true"),
                    FunctionExample("luhn_check('a')", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try TextDriver.values(call, as: .boolean, UInt8.self, cannotRaise: false) { row, views in
                        try views[0].withText(row) { text in
                            guard !text.isEmpty else { return 0 }
                            var sum = 0
                            for (index, byte) in text.reversed().enumerated() {
                                guard byte >= 0x30, byte <= 0x39 else {
                                    throw QueryError(
                                        .invalidFunctionArgument, "Input string contains non-digit character")
                                }
                                let digit = Int(byte - 0x30)
                                let doubled = index % 2 == 1 ? digit * 2 : digit
                                sum += doubled > 9 ? doubled - 9 : doubled
                            }
                            return sum % 10 == 0 ? 1 : 0
                        }
                    }
                }
            },
            StringFunctions.mapping(
                "soundex", "(varchar) -> varchar", "The American Soundex code of a text",
                [FunctionExample("soundex('Robert')", "R163")]
            ) { bytes, heap in heap.append(soundex(bytes)) },
        ]
    }

    private static func soundex(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        let codes = Array("01230120022455012623010202".utf8)
        let letters = bytes.map { $0 & 0xdf }.filter { $0 >= 0x41 && $0 <= 0x5a }
        guard let first = letters.first else { return [] }
        var out = [first]
        var last = codes[Int(first - 0x41)]
        for letter in letters.dropFirst() where out.count < 4 {
            let code = codes[Int(letter - 0x41)]
            if code != 0x30, code != last { out.append(code) }
            // H and W do not part equal codes; vowels do.
            if letter != 0x48, letter != 0x57 { last = code }
        }
        while out.count < 4 { out.append(0x30) }
        return out
    }
}
