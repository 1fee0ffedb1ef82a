import CKernels
import Columnar
import SQLTypes

/// Functions of texts: length, case, pieces, padding, searching.
enum StringFunctions {
    static let scalars: [ScalarFunction] = lengths + casing + pieces + padding + searching + characters

    // MARK: Length and case

    private static var lengths: [ScalarFunction] {
        [
            ScalarFunction(
                "length", "(varchar) -> bigint", summary: "Characters of a text",
                examples: [
                    FunctionExample("length('abc')", "3"), FunctionExample("length('héé')", "3"),
                    FunctionExample("length(NULL)", "NULL"),
                ]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { view in
                        Int64(view.withBytes { CodePoints.count($0) })
                    }
                }
            },
            ScalarFunction(
                "length", "(char(n)) -> bigint", summary: "Characters of a text, padding included",
                examples: [FunctionExample("length(CAST('a' AS char(3)))", "3")]
            ) { signature in
                var width: Int64 = 0
                if case .char(let length) = signature.arguments[0] { width = Int64(length) }
                return { [width] call in
                    Kernel.unary(call.arguments[0], call.rows, as: .bigint, StringView.self, Int64.self) { _ in width }
                }
            },
        ]
    }

    private static var casing: [ScalarFunction] {
        [
            mapping(
                "lower", "(varchar) -> varchar", "The text in lower case",
                [FunctionExample("lower('ABC')", "abc"), FunctionExample("lower('ÉÀ')", "éà")]
            ) { bytes, heap in changeCase(bytes, heap, toUpper: false) },
            mapping(
                "upper", "(varchar) -> varchar", "The text in upper case",
                [FunctionExample("upper('abc')", "ABC"), FunctionExample("upper('éà')", "ÉÀ")]
            ) { bytes, heap in changeCase(bytes, heap, toUpper: true) },
            mapping(
                "reverse", "(varchar) -> varchar", "The characters in reverse order",
                [FunctionExample("reverse('abc')", "cba"), FunctionExample("reverse('né')", "én")]
            ) { bytes, heap in
                var out: [UInt8] = []
                out.reserveCapacity(bytes.count)
                var end = bytes.count
                while end > 0 {
                    var start = end - 1
                    while start > 0, CodePoints.isContinuation(bytes[start]), end - start < 4 { start -= 1 }
                    out.append(contentsOf: bytes[start..<end])
                    end = start
                }
                return heap.append(out)
            },
        ]
    }

    /// One text to one text, without errors.
    static func mapping(
        _ name: String, _ signature: String, _ summary: String, _ examples: [FunctionExample],
        _ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>, StringHeap) -> StringView?
    ) -> ScalarFunction {
        ScalarFunction(name, Signature(signature), summary: summary, examples: examples) { resolved in
            let result = resolved.result
            return { call in Kernel.mapStrings(call.arguments[0], call.rows, as: result, body) }
        }
    }

    private static func changeCase(_ bytes: UnsafeBufferPointer<UInt8>, _ heap: StringHeap, toUpper: Bool) -> StringView
    {
        if CodePoints.isASCII(bytes) {
            let low: UInt8 = toUpper ? 0x61 : 0x41
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(bytes.count, 1)) { room in
                for index in 0..<bytes.count {
                    let byte = bytes[index]
                    room[index] = byte &- low < 26 ? byte ^ 0x20 : byte
                }
                return heap.append(UnsafeBufferPointer(rebasing: room[..<bytes.count]))
            }
        }
        // Java's rules: a character maps to one character (ß stays ß in upper()).
        var out = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            let mapped = toUpper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
            if mapped.unicodeScalars.count == 1 {
                out += mapped
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return heap.append(out)
    }

    // MARK: Pieces

    private static var pieces: [ScalarFunction] {
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
                                forEachPiece(text, delimiter) { range in
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

    /// Calls `body` with the range of each piece between delimiters, until it returns false. An empty delimiter parts
    /// nothing.
    static func forEachPiece(
        _ text: UnsafeBufferPointer<UInt8>, _ delimiter: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Bool
    ) {
        var start = 0
        while true {
            guard let place = find(delimiter, in: text, from: start), !delimiter.isEmpty else {
                _ = body(start..<text.count)
                return
            }
            if !body(start..<place) { return }
            start = place + delimiter.count
        }
    }

    /// The offset of the first `needle` at or after `start`.
    static func find(_ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int?
    {
        guard start <= text.count else { return nil }
        guard let needleStart = needle.baseAddress, !needle.isEmpty else { return start }
        guard let base = text.baseAddress, text.count - start >= needle.count else { return nil }
        guard let place = ck_memmem(base + start, text.count - start, needleStart, needle.count) else { return nil }
        return place - UnsafeRawPointer(base)
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
        while let place = find(search, in: text, from: start) {
            out.append(contentsOf: text[start..<place])
            out.append(contentsOf: replacement)
            start = place + search.count
        }
        if start == 0 { return heap.append(text) }
        out.append(contentsOf: text[start...])
        return heap.append(out)
    }

    // MARK: Padding and trimming

    private static var padding: [ScalarFunction] {
        [pad("lpad", isLeft: true), pad("rpad", isLeft: false)]
            + [("ltrim", true, false), ("rtrim", false, true), ("trim", true, true)].flatMap { name, left, right in
                [
                    ScalarFunction(
                        name, "(varchar) -> varchar", summary: "The text without blanks at its ends",
                        examples: [FunctionExample("\(name)('  a  ')", left && right ? "a" : (left ? "a  " : "  a"))]
                    ) { signature in
                        { call in
                            Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                                trim(bytes, left, right, heap) { isBlank($0) }
                            }
                        }
                    },
                    ScalarFunction(
                        name, "(varchar, varchar) -> varchar",
                        summary: "The text without certain characters at its ends",
                        examples: [FunctionExample("\(name)('xax', 'x')", left && right ? "a" : (left ? "ax" : "xa"))]
                    ) { signature in
                        { call in
                            TextDriver.texts(call, as: signature.result) { row, views, heap in
                                let set = Set(views[1].string(row).unicodeScalars)
                                return views[0].withText(row) { trim($0, left, right, heap) { set.contains($0) } }
                            }
                        }
                    },
                ]
            }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0d, 0x1c...0x20, 0x1680, 0x2000...0x2006, 0x2008...0x200a, 0x2028, 0x2029, 0x205f, 0x3000: true
        default: false
        }
    }

    private static func trim(
        _ bytes: UnsafeBufferPointer<UInt8>, _ left: Bool, _ right: Bool, _ heap: StringHeap,
        _ isTrimmed: (Unicode.Scalar) -> Bool
    ) -> StringView {
        var start = 0
        var end = bytes.count
        if left {
            while start < end {
                var next = start + 1
                while next < end, CodePoints.isContinuation(bytes[next]) { next += 1 }
                guard let scalar = scalar(bytes, start..<next), isTrimmed(scalar) else { break }
                start = next
            }
        }
        if right {
            while end > start {
                var previous = end - 1
                while previous > start, CodePoints.isContinuation(bytes[previous]) { previous -= 1 }
                guard let scalar = scalar(bytes, previous..<end), isTrimmed(scalar) else { break }
                end = previous
            }
        }
        return heap.append(CodePoints.slice(bytes, start..<end))
    }

    private static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Unicode.Scalar? {
        if range.count == 1 { return Unicode.Scalar(bytes[range.lowerBound]) }
        return String(decoding: CodePoints.slice(bytes, range), as: UTF8.self).unicodeScalars.first
    }

    private static func pad(_ name: String, isLeft: Bool) -> ScalarFunction {
        ScalarFunction(
            name, "(varchar, bigint, varchar) -> varchar",
            summary: "The text at a width: cut, or padded with a text", cannotRaise: false,
            examples: [
                FunctionExample("\(name)('ab', 5, 'xy')", isLeft ? "xyxab" : "abxyx"),
                FunctionExample("\(name)('abc', 2, 'x')", "ab"),
                FunctionExample("\(name)('a', 2, '')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    let width = views[1].load(row, as: Int64.self)
                    let fill = Array(views[2].string(row).unicodeScalars)
                    guard width >= 0, width <= Int64(Int32.max) else {
                        throw QueryError(.invalidFunctionArgument, "Target length must be in the range [0..2147483647]")
                    }
                    guard !fill.isEmpty else {
                        throw QueryError(.invalidFunctionArgument, "Padding string must not be empty")
                    }
                    return try views[0].withText(row) { text in
                        let count = CodePoints.count(text)
                        if count >= Int(width) {
                            return heap.append(CodePoints.slice(text, 0..<CodePoints.offset(text, Int(width))))
                        }
                        let missing = Int(width) - count
                        guard missing <= 64 << 20 else {
                            throw QueryError(.invalidFunctionArgument, "The padded text is too long")
                        }
                        var padding = ""
                        for index in 0..<missing { padding.unicodeScalars.append(fill[index % fill.count]) }
                        return heap.append(
                            isLeft ? Array(padding.utf8) + Array(text) : Array(text) + Array(padding.utf8))
                    }
                }
            }
        }
    }

    // MARK: Searching

    private static var searching: [ScalarFunction] {
        [
            ScalarFunction(
                "strpos", aliases: ["position"], "(varchar, varchar) -> bigint",
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
                                guard let place = find(needle, in: text, from: 0) else { return 0 }
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
                                while let place = find(needle, in: text, from: start) {
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

    // MARK: Characters

    private static var characters: [ScalarFunction] {
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
            mapping(
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
