import SQLTypes

/// A parsed `Signature` text: types with holes.
///
/// ```
/// (array(T), function(T,U)) -> array(U)
///    array(variable T)   function([variable T], variable U)   result array(variable U)
/// ```
struct SignaturePattern {
    var parameters: [TypePattern]
    /// The last parameter stands for zero or more arguments.
    var isVariadic: Bool
    var result: TypePattern

    /// Parameters for a call with `count` arguments, nil when the count does not fit.
    func parameters(forCount count: Int) -> [TypePattern]? {
        guard isVariadic, let last = parameters.last else { return count == parameters.count ? parameters : nil }
        // `(T, T...)`: the repeated parameter may also be left out.
        guard count >= parameters.count - 1 else { return nil }
        let fixed = Array(parameters.dropLast())
        return fixed + Array(repeating: last, count: count - fixed.count)
    }

    var isGeneric: Bool { parameters.contains(where: \.isGeneric) }
}

/// A type with holes.
indirect enum TypePattern {
    /// One type per call: `T`.
    case variable(String)
    case exact(DataType)
    /// A type with number parameters, each a literal, a variable or free (nil).
    case sized(Sized, [Number?])
    case array(TypePattern)
    case map(TypePattern, TypePattern)
    /// Any row type.
    case anyRow
    case row([TypePattern])
    case function([TypePattern], TypePattern)
    /// `qdigest(T)`.
    case sketch(String, TypePattern)
    /// `any`: each argument keeps its own type.
    case any

    enum Sized { case decimal, varchar, char, time, timeWithTimeZone, timestamp, timestampWithTimeZone }
    enum Number { case literal(Int), variable(String) }

    /// Whether it holds a type variable.
    var isGeneric: Bool {
        switch self {
        case .variable, .anyRow, .any: true
        case .exact, .sized: false
        case .array(let element), .sketch(_, let element): element.isGeneric
        case .map(let key, let value): key.isGeneric || value.isGeneric
        case .row(let fields): fields.contains(where: \.isGeneric)
        case .function: true
        }
    }
}

extension SignaturePattern {
    /// Parses a signature text of the registry. The texts are our own: a mistake is a fault of the program.
    init(_ text: String) {
        var parser = SignatureParser(text)
        self = parser.parseSignature()
    }
}

/// Reads signature texts, see `Signature`.
private struct SignatureParser {
    private let bytes: [UInt8]
    private var place = 0
    private let text: String

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    mutating func parseSignature() -> SignaturePattern {
        expect("(")
        var parameters: [TypePattern] = []
        var isVariadic = false
        if !accept(")") {
            repeat {
                parameters.append(parseType())
                if accept("...") { isVariadic = true }
            } while accept(",")
            expect(")")
        }
        expect("->")
        return SignaturePattern(parameters: parameters, isVariadic: isVariadic, result: parseType())
    }

    private mutating func parseType() -> TypePattern {
        let name = word()
        switch name {
        case "array":
            expect("(")
            let element = parseType()
            expect(")")
            return .array(element)
        case "map":
            expect("(")
            let key = parseType()
            expect(",")
            let value = parseType()
            expect(")")
            return .map(key, value)
        case "function":
            expect("(")
            var types = [parseType()]
            while accept(",") { types.append(parseType()) }
            expect(")")
            let result = types.removeLast()
            return .function(types, result)
        case "row":
            guard accept("(") else { return .anyRow }
            var fields: [TypePattern] = []
            repeat { fields.append(parseType()) } while accept(",")
            expect(")")
            return .row(fields)
        case "any": return .any
        case "decimal": return .sized(.decimal, numbers(2))
        case "varchar": return .sized(.varchar, numbers(1))
        case "char": return .sized(.char, numbers(1))
        case "time", "timestamp":
            let precision = numbers(1)
            let hasZone = acceptWords("with", "time", "zone")
            if name == "time" { return .sized(hasZone ? .timeWithTimeZone : .time, precision) }
            return .sized(hasZone ? .timestampWithTimeZone : .timestamp, precision)
        case "interval":
            if acceptWords("year", "to", "month") { return .exact(.intervalYearToMonth) }
            if acceptWords("day", "to", "second") { return .exact(.intervalDayToSecond) }
            fail()
        case "boolean": return .exact(.boolean)
        case "tinyint": return .exact(.tinyint)
        case "smallint": return .exact(.smallint)
        case "integer": return .exact(.integer)
        case "bigint": return .exact(.bigint)
        case "real": return .exact(.real)
        case "double": return .exact(.double)
        case "varbinary": return .exact(.varbinary)
        case "date": return .exact(.date)
        case "json": return .exact(.json)
        case "uuid": return .exact(.uuid)
        case "ipaddress": return .exact(.ipaddress)
        case "unknown": return .exact(.unknown)
        case "HyperLogLog", "P4HyperLogLog", "SetDigest", "tdigest": return .exact(.sketch(name: name, of: nil))
        case "qdigest":
            expect("(")
            let element = parseType()
            expect(")")
            return .sketch(name, element)
        default:
            guard let first = name.utf8.first, first >= 65, first <= 90 else { fail() }
            return .variable(name)
        }
    }

    private mutating func numbers(_ count: Int) -> [TypePattern.Number?] {
        guard accept("(") else { return Array(repeating: nil, count: count) }
        var found: [TypePattern.Number?] = []
        repeat {
            let name = word()
            found.append(Int(name).map { .literal($0) } ?? .variable(name))
        } while accept(",")
        expect(")")
        guard found.count == count else { fail() }
        return found
    }

    private mutating func skipBlanks() {
        while place < bytes.count, bytes[place] == 32 { place += 1 }
    }

    private mutating func word() -> String {
        skipBlanks()
        let start = place
        while place < bytes.count, Self.isWord(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 95
    }

    private mutating func accept(_ token: StaticString) -> Bool {
        skipBlanks()
        let count = token.utf8CodeUnitCount
        guard place + count <= bytes.count else { return false }
        for index in 0..<count where bytes[place + index] != token.utf8Start[index] { return false }
        place += count
        return true
    }

    private mutating func acceptWords(_ words: String...) -> Bool {
        let saved = place
        for expected in words where word() != expected {
            place = saved
            return false
        }
        return true
    }

    private mutating func expect(_ token: StaticString) {
        if !accept(token) { fail() }
    }

    private func fail() -> Never { preconditionFailure("bad signature \(text) near \(place)") }
}
