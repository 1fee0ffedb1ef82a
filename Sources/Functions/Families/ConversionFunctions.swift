import Columnar
import SQLTypes

/// `format`, `format_number`, `parse_data_size`.
enum ConversionFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "format", "(varchar, any...) -> varchar",
            summary: "Text by Java's Formatter", nulls: .handled, cannotRaise: false,
            examples: [
                FunctionExample("format('%s%%', 123)", "123%"), FunctionExample("format('%.5f', pi())", "3.14159"),
                FunctionExample("format('%03d', 8)", "008"),
                FunctionExample("format('%,.2f', 1234567.89)", "1,234,567.89"),
                FunctionExample("format('%d', 1.5e0)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try format(call, signature.arguments) } },
        ScalarFunction(
            "format_number", "(double) -> varchar", summary: "Short text with a unit: 1.23M",
            examples: [
                FunctionExample("format_number(123456e0)", "123K"), FunctionExample("format_number(1000000e0)", "1M"),
            ]
        ) { signature in
            { call in
                let heap = StringHeap()
                return Kernel.unary(call.arguments[0], call.rows, as: signature.result, Double.self, StringView.self) {
                    var text = shortNumber($0)
                    return text.withUTF8 { heap.append($0) }
                }.keeping(heap)
            }
        },
        ScalarFunction(
            "format_number", "(bigint) -> varchar", summary: "Short text with a unit: 1.23M",
            examples: [FunctionExample("format_number(123456)", "123K")]
        ) { signature in
            { call in
                let heap = StringHeap()
                return Kernel.unary(call.arguments[0], call.rows, as: signature.result, Int64.self, StringView.self) {
                    var text = shortNumber(Double($0))
                    return text.withUTF8 { heap.append($0) }
                }.keeping(heap)
            }
        },
        ScalarFunction(
            "parse_data_size", aliases: ["parse_presto_data_size"], "(varchar) -> decimal(38,0)",
            summary: "Bytes of `2.3MB`",
            cannotRaise: false,
            examples: [
                FunctionExample("parse_data_size('1B')", "1"), FunctionExample("parse_data_size('2.3MB')", "2411724"),
                FunctionExample("parse_data_size('x')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try Kernel.unaryThrowing(
                    call.arguments[0], call.rows, as: signature.result, StringView.self, Int128.self
                ) { view in
                    try view.withBytes { try dataSize($0) }
                }
            }
        },
    ]

    /// Three digits of a number and its unit.
    private static func shortNumber(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity" }
        var magnitude = abs(value)
        var unit = 0
        let units = ["", "K", "M", "B", "T", "Q"]
        while magnitude >= 999.5, unit < units.count - 1 {
            magnitude /= 1000
            unit += 1
        }
        let digits = magnitude < 9.995 ? 2 : magnitude < 99.95 ? 1 : 0
        let scaled = (magnitude * Decimal.exactDoublePower(digits)).rounded(.toNearestOrAwayFromZero)
        var text: [UInt8] = []
        ValueText.appendDecimal(Int128(scaled), scale: digits, to: &text)
        if digits > 0 {
            while text.last == 48 { text.removeLast() }
            if text.last == UInt8(ascii: ".") { text.removeLast() }
        }
        return (value < 0 ? "-" : "") + String(decoding: text, as: UTF8.self) + units[unit]
    }

    private static func dataSize(_ bytes: UnsafeBufferPointer<UInt8>) throws -> Int128 {
        var end = 0
        while end < bytes.count, bytes[end] &- 48 <= 9 || bytes[end] == UInt8(ascii: ".") { end += 1 }
        let text = String(decoding: bytes, as: UTF8.self)
        let failure = QueryError(.invalidFunctionArgument, "Invalid data size: '\(text)'")
        let number = NumberText.parseDecimal(UnsafeBufferPointer(rebasing: bytes[..<end]))
        let unit = String(decoding: bytes[end...], as: UTF8.self)
        guard let number, let power = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"].firstIndex(of: unit) else {
            throw failure
        }
        let (product, overflow) = number.unscaled.multipliedReportingOverflow(by: Int128(1) << Int128(power * 10))
        guard !overflow else { throw QueryError(.numericValueOutOfRange, "Value out of range: '\(text)' ('\(text)')") }
        return product / Decimal.power(number.scale)
    }

    // MARK: format

    private static func format(_ call: borrowing KernelCall, _ types: [DataType]) throws -> Vector {
        let templates = try ParsedArgument(call.arguments[0], call.rows) { try JavaFormat($0) }
        let builder = FlatBuilder(.varchar(length: nil), capacity: call.rows.count)
        builder.zero()
        let heap = builder.strings
        let out = builder.pointer(as: StringView.self)
        let arguments = call.arguments
        try call.rows.forEach { row in
            if arguments[0].isNull(row) { return builder.setNull(row) }
            let values = arguments.indices.dropFirst().map { (arguments[$0].value(at: row), types[$0]) }
            let text = try templates.at(row).text(values)
            out[row] = text.withUnsafeBufferPointer { heap.append($0) }
        }
        return builder.finish(count: call.rows.count)
    }
}

/// A template of Java's Formatter: `%[index$][flags][width][.precision]conversion`.
struct JavaFormat {
    private enum Part {
        case literal([UInt8])
        case argument(Specifier)
    }

    private struct Specifier {
        var index: Int?
        var flags: Set<Character> = []
        var width = 0
        var precision: Int?
        var conversion: Character = "s"
        /// The second letter of `%tY`.
        var dateField: Character?
        var text = ""
    }

    private var parts: [Part] = []

    init(_ template: String) throws {
        var literal: [UInt8] = []
        let characters = Array(template)
        var place = 0
        func digits() -> Int? {
            var value = 0
            let start = place
            while place < characters.count, let digit = characters[place].wholeNumberValue, characters[place].isASCII {
                value = min(value * 10 + digit, 1_000_000)
                place += 1
            }
            return place > start ? value : nil
        }
        while place < characters.count {
            let character = characters[place]
            guard character == "%" else {
                literal.append(contentsOf: String(character).utf8)
                place += 1
                continue
            }
            let start = place
            place += 1
            var specifier = Specifier()
            let saved = place
            if let number = digits() {
                if place < characters.count, characters[place] == "$" {
                    specifier.index = number - 1
                    place += 1
                } else {
                    place = saved
                }
            }
            while place < characters.count, "-#+ 0,(<".contains(characters[place]) {
                specifier.flags.insert(characters[place])
                place += 1
            }
            specifier.width = digits() ?? 0
            if place < characters.count, characters[place] == "." {
                place += 1
                guard let precision = digits() else { throw Self.failure(template, "Conversion = '%'") }
                specifier.precision = precision
            }
            guard place < characters.count else { throw Self.failure(template, "Conversion = '%'") }
            specifier.conversion = characters[place]
            place += 1
            if specifier.conversion == "t" || specifier.conversion == "T" {
                guard place < characters.count else { throw Self.failure(template, "Conversion = 't'") }
                specifier.dateField = characters[place]
                place += 1
            }
            specifier.text = String(characters[start..<place])
            switch specifier.conversion {
            case "%":
                literal.append(UInt8(ascii: "%"))
                continue
            case "n":
                literal.append(10)
                continue
            case "s", "S", "d", "f", "e", "E", "g", "G", "x", "X", "o", "b", "B", "c", "C", "h", "H", "t", "T", "a":
                break
            default: throw Self.failure(template, "Conversion = '\(specifier.conversion)'")
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = []
            parts.append(.argument(specifier))
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
    }

    private static func failure(_ template: String, _ reason: String) -> QueryError {
        QueryError(.invalidFunctionArgument, "Invalid format string: \(template) (\(reason))")
    }

    func text(_ values: [(Value, DataType)]) throws -> [UInt8] {
        var out: [UInt8] = []
        var next = 0
        for part in parts {
            switch part {
            case .literal(let bytes): out.append(contentsOf: bytes)
            case .argument(let specifier):
                var index = specifier.index ?? next
                if specifier.flags.contains("<") { index = max(next - 1, 0) }
                if specifier.index == nil, !specifier.flags.contains("<") { next += 1 }
                guard index >= 0, index < values.count else {
                    throw QueryError(
                        .invalidFunctionArgument, "Invalid format string (Format specifier '\(specifier.text)')")
                }
                out.append(contentsOf: try Self.convert(specifier, values[index].0, values[index].1))
            }
        }
        return out
    }

    private static func convert(_ specifier: Specifier, _ value: Value, _ type: DataType) throws -> [UInt8] {
        func mismatch() -> QueryError {
            QueryError(
                .invalidFunctionArgument,
                "Invalid format string (\(specifier.conversion) != \(type.displayName))")
        }
        var text: [UInt8]
        let lower = Character(specifier.conversion.lowercased())
        if value.isNull {
            text = Array((lower == "b" ? "false" : "null").utf8)
        } else {
            switch lower {
            case "s":
                text = []
                ValueText.append(value, type, to: &text)
            case "b": text = Array((value == .boolean(false) ? "false" : "true").utf8)
            case "d", "x", "o":
                let number: Int128
                switch (value, type) {
                case (.int(let integer), _) where type.isInteger: number = Int128(integer)
                case (.int(let integer), .decimal(_, 0)): number = Int128(integer)
                case (.int128(let integer), .decimal(_, 0)): number = integer
                default: throw mismatch()
                }
                if lower == "d" {
                    text = sign(specifier, isNegative: number < 0, grouped(String(number.magnitude), specifier))
                } else {
                    let bits =
                        type == .integer
                        ? UInt64(UInt32(truncatingIfNeeded: number)) : UInt64(truncatingIfNeeded: number)
                    text = Array(String(bits, radix: lower == "x" ? 16 : 8).utf8)
                    if specifier.flags.contains("#") { text = Array((lower == "x" ? "0x" : "0").utf8) + text }
                }
            case "f", "e", "g": text = try number(specifier, lower, value, type, mismatch)
            case "c":
                guard case .int(let code) = value, let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: code)) else {
                    throw mismatch()
                }
                text = Array(String(Character(scalar)).utf8)
            case "t": text = try date(specifier, value, type, mismatch)
            case "h":
                var plain: [UInt8] = []
                ValueText.append(value, type, to: &plain)
                let hash = String(decoding: plain, as: UTF8.self).utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
                text = Array(String(UInt32(bitPattern: hash), radix: 16).utf8)
            default: throw mismatch()
            }
        }
        if let precision = specifier.precision, "sbh".contains(lower) {
            text = text.withUnsafeBufferPointer { Array(UTF8Text.prefix($0, characters: precision)) }
        }
        if specifier.conversion.isUppercase { text = Array(String(decoding: text, as: UTF8.self).uppercased().utf8) }
        let missing = specifier.width - text.withUnsafeBufferPointer { UTF8Text.characterCount($0) }
        guard missing > 0 else { return text }
        if specifier.flags.contains("-") { return text + Array(repeating: 32, count: missing) }
        if specifier.flags.contains("0"), "dfexog".contains(lower) {
            let signCount =
                text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") || text.first == 40 ? 1 : 0
            return Array(text[..<signCount]) + Array(repeating: 48, count: missing) + Array(text[signCount...])
        }
        return Array(repeating: 32, count: missing) + text
    }

    private static func grouped(_ digits: String, _ specifier: Specifier) -> String {
        guard specifier.flags.contains(",") else { return digits }
        let parts = digits.split(separator: ".", maxSplits: 1)
        var whole = ""
        let integer = Array(parts[0])
        for (index, digit) in integer.enumerated() {
            if index > 0, (integer.count - index) % 3 == 0 { whole.append(",") }
            whole.append(digit)
        }
        return parts.count > 1 ? whole + "." + parts[1] : whole
    }

    private static func sign(_ specifier: Specifier, isNegative: Bool, _ digits: String) -> [UInt8] {
        if isNegative { return Array((specifier.flags.contains("(") ? "(" + digits + ")" : "-" + digits).utf8) }
        if specifier.flags.contains("+") { return Array(("+" + digits).utf8) }
        if specifier.flags.contains(" ") { return Array((" " + digits).utf8) }
        return Array(digits.utf8)
    }

    private static func number(
        _ specifier: Specifier, _ conversion: Character, _ value: Value, _ type: DataType, _ mismatch: () -> QueryError
    ) throws -> [UInt8] {
        var precision = specifier.precision ?? 6
        // An exact decimal text of the number.
        var text: [UInt8] = []
        switch (value, type) {
        case (.double(let number), _):
            guard number.isFinite else {
                return Array(
                    (number.isNaN
                        ? "NaN" : number < 0 ? "-Infinity" : specifier.flags.contains("+") ? "+Infinity" : "Infinity")
                        .utf8)
            }
            FloatText.append(number, to: &text)
        case (.real(let number), _):
            guard number.isFinite else {
                return Array((number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity").utf8)
            }
            FloatText.append(number, to: &text)
        case (.int, .decimal), (.int128, .decimal): ValueText.append(value, type, to: &text)
        default: throw mismatch()
        }
        var digits: [UInt8] = []
        var point = 0
        var isNegative = false
        var sawPoint = false
        var exponent = 0
        for (index, byte) in text.enumerated() {
            if byte == UInt8(ascii: "E") {
                exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                break
            }
            if byte == UInt8(ascii: "-") {
                isNegative = true
            } else if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else {
                digits.append(byte - 48)
                if !sawPoint { point += 1 }
            }
        }
        point += exponent
        while digits.count > 1, digits[0] == 0, point > 1 || digits.count > point {
            digits.removeFirst()
            point -= 1
        }
        if digits.allSatisfy({ $0 == 0 }) { point = 1; digits = [0] }
        if conversion == "f" {
            return sign(specifier, isNegative: isNegative, grouped(fixed(digits, point, precision), specifier))
        }
        if conversion == "g" {
            if precision == 0 { precision = 1 }
            let magnitude = point - 1
            let isZero = digits == [0]
            if isZero || (magnitude >= -4 && magnitude < precision) {
                let shown =
                    isZero
                    ? fixed(digits, point, precision - 1) : fixed(digits, point, max(precision - 1 - magnitude, 0))
                return sign(specifier, isNegative: isNegative, grouped(shown, specifier))
            }
            precision -= 1
        }
        var (mantissa, carried) = round(digits, 1, precision)
        var shown = point - 1
        if carried { shown += 1 }
        if digits == [0] { shown = 0 }
        if mantissa.count > precision + 1 { mantissa = Array(mantissa[...precision]) }
        var result = String(mantissa[0])
        if precision > 0 { result += "." + mantissa.dropFirst().map { String($0) }.joined() }
        let power = abs(shown)
        result += (shown < 0 ? "e-" : "e+") + (power < 10 ? "0" : "") + String(power)
        return sign(specifier, isNegative: isNegative, result)
    }

    /// The number `0.digits x 10^point` with `precision` digits after the point, halves up.
    private static func fixed(_ digits: [UInt8], _ point: Int, _ precision: Int) -> String {
        let (rounded, carried) = round(digits, point, precision)
        let whole = max(point, 0) + (carried ? 1 : 0)
        var text = ""
        if point <= 0 {
            // The rounding made the leading zeros.
            text =
                carried && rounded.count > precision
                ? rounded.prefix(rounded.count - precision).map { String($0) }.joined() : "0"
            let fraction = rounded.suffix(precision)
            if precision > 0 {
                text +=
                    "." + String(repeating: "0", count: precision - fraction.count)
                    + fraction.map { String($0) }.joined()
            }
            return text
        }
        text = rounded.prefix(whole).map { String($0) }.joined()
        if precision > 0 { text += "." + rounded.dropFirst(whole).map { String($0) }.joined() }
        return text
    }

    /// Digits cut to `precision` after the point; whether a carry made one more in front.
    private static func round(_ digits: [UInt8], _ point: Int, _ precision: Int) -> ([UInt8], Bool) {
        let wanted = point + precision
        if wanted < 0 { return (Array(repeating: 0, count: max(precision, 0)), false) }
        var kept = Array(digits.prefix(wanted))
        while kept.count < wanted { kept.append(0) }
        guard digits.count > wanted, digits[wanted] >= 5 else { return (kept, false) }
        var index = kept.count - 1
        while index >= 0 {
            if kept[index] < 9 {
                kept[index] += 1
                return (kept, false)
            }
            kept[index] = 0
            index -= 1
        }
        kept.insert(1, at: 0)
        return (kept, true)
    }

    private static func date(
        _ specifier: Specifier, _ value: Value, _ type: DataType, _ mismatch: () -> QueryError
    ) throws -> [UInt8] {
        let vector = Vector.fromValues([value], type)
        switch type {
        case .date, .timestamp, .timestampWithTimeZone, .time: break
        default: throw mismatch()
        }
        let local = LocalDateTime(local: DateTimeLanes.local(vector.view, 0, type))
        let template: String
        switch specifier.dateField {
        case "F": template = "%Y-%m-%d"
        case "D": template = "%m/%d/%y"
        case "T": template = "%H:%i:%s"
        case "R": template = "%H:%i"
        case "r": template = "%h:%i:%s %p"
        case "B": template = "%M"
        case "b", "h": template = "%b"
        case "A": template = "%W"
        case "a": template = "%a"
        case "Y": template = "%Y"
        case "y": template = "%y"
        case "m": template = "%m"
        case "d": template = "%d"
        case "e": template = "%e"
        case "j": template = "%j"
        case "H": template = "%H"
        case "k": template = "%k"
        case "I": template = "%h"
        case "l": template = "%l"
        case "M": template = "%i"
        case "S": template = "%s"
        case "p": template = "%p"
        case "L":
            var text: [UInt8] = []
            ValueText.appendPadded(local.fraction(3), 3, to: &text)
            return text
        case "N":
            var text: [UInt8] = []
            ValueText.appendPadded(local.fraction(9), 9, to: &text)
            return text
        default: throw mismatch()
        }
        var text: [UInt8] = []
        try MySQLFormat(template).append(local, to: &text)
        return specifier.dateField == "p" ? Array(String(decoding: text, as: UTF8.self).lowercased().utf8) : text
    }
}
