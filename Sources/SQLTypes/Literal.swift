/// SQL literals: a value with the type that its text gives it. Errors are INVALID_LITERAL without a position.
public enum Literal {
    /// `123`: integer, or bigint beyond 32 bits.
    public static func integer(_ value: Int64) -> (value: Value, type: DataType) {
        (.int(value), Int32(exactly: value) != nil ? .integer : .bigint)
    }

    /// `1.50`: decimal(3,2), its digits as written.
    public static func decimal(_ text: String) throws -> (value: Value, type: DataType) {
        var copy = text
        let parsed = copy.withUTF8 { NumberText.parseDecimal(ValueParser.trimmed($0)) }
        guard let parsed else { throw QueryError(.invalidLiteral, "'\(text)' is not a valid DECIMAL literal") }
        let type = DataType.decimal(precision: parsed.precision, scale: parsed.scale)
        let value: Value =
            type.physical == .int64 ? .int(Int64(truncatingIfNeeded: parsed.unscaled)) : .int128(parsed.unscaled)
        return (value, type)
    }

    /// `'text'`: varchar(n) of its length in code points.
    public static func string(_ text: String) -> (value: Value, type: DataType) {
        (.string(text), .varchar(length: text.unicodeScalars.count))
    }

    /// `1.5` as a double, when `parse_decimal_literals_as_double` is on.
    public static func double(_ text: String) throws -> (value: Value, type: DataType) {
        var copy = text
        guard let value = copy.withUTF8({ NumberText.parseDouble($0) }) else {
            throw QueryError(.invalidLiteral, "'\(text)' is not a valid DOUBLE literal")
        }
        return (.double(value), .double)
    }

    /// `TIMESTAMP 'text'`: timestamp(p), with time zone when the text names one; p is the count of fraction digits.
    public static func timestamp(_ text: String) throws -> (value: Value, type: DataType) {
        var copy = text
        guard let parsed = copy.withUTF8({ DateTimeText.parseTimestamp($0) }) else {
            throw QueryError(.invalidLiteral, "'\(text)' is not a valid TIMESTAMP literal")
        }
        let picos = DateTimeMath.picos(parsed)
        if let name = parsed.zone {
            guard let zone = TimeZone.named(name) else {
                throw QueryError(.invalidLiteral, "'\(text)' is not a valid TIMESTAMP literal")
            }
            let packed = DateTimeMath.packed(DateTimeMath.utcPicos(local: picos, in: zone), zone.id)
            return (.int128(packed), .timestampWithTimeZone(precision: parsed.precision))
        }
        guard let value = DateTimeMath.timestamp(picos: picos, precision: parsed.precision) else {
            throw QueryError(.invalidLiteral, "'\(text)' is not a valid TIMESTAMP literal")
        }
        return (value, .timestamp(precision: parsed.precision))
    }

    /// `TIME 'text'`: time(p), with time zone when the text has an offset.
    public static func time(_ text: String) throws -> (value: Value, type: DataType) {
        var copy = text
        guard let parsed = copy.withUTF8({ DateTimeText.parseTime($0) }) else {
            throw QueryError(.invalidLiteral, "'\(text)' is not a valid TIME literal")
        }
        if let minutes = parsed.offsetMinutes {
            let packed = DateTimeMath.packedTime(local: parsed.picos, offsetMinutes: minutes)
            return (.int128(packed), .timeWithTimeZone(precision: parsed.precision))
        }
        return (.int(parsed.picos), .time(precision: parsed.precision))
    }

    /// `INTERVAL [-] 'text' from [TO to]`.
    public static func interval(
        _ text: String, isNegative: Bool, from: IntervalUnit, to: IntervalUnit?
    ) throws -> (value: Value, type: DataType) {
        guard let parsed = IntervalText.parse(text, from: from, to: to) else {
            throw QueryError(.invalidLiteral, "'\(text)' is not a valid INTERVAL literal")
        }
        return (.int(isNegative ? -parsed.value : parsed.value), parsed.type)
    }

    /// `TYPE 'text'` for any type: `DATE '2020-01-01'`, `DECIMAL '1.5'`, `JSON '{}'`, `UUID '...'`, `BIGINT '1'`.
    ///
    /// TIME and TIMESTAMP take their precision and zone from the text, DECIMAL its digits; other types read the text as
    /// CAST does.
    public static func typed(_ type: DataType, _ text: String) throws -> (value: Value, type: DataType) {
        switch type {
        case .timestamp, .timestampWithTimeZone: return try timestamp(text)
        case .time, .timeWithTimeZone: return try time(text)
        case .decimal: return try decimal(text)
        case .varchar(let length):
            guard let length else { return (.string(text), type) }
            return (try ValueParser.parse(text, as: .varchar(length: length)), type)
        case .json:
            do { return (try ValueParser.parse(text, as: type), type) } catch let error as QueryError {
                throw QueryError(.invalidLiteral, error.message)
            }
        default:
            do { return (try ValueParser.parse(text, as: type), type) } catch is QueryError {
                throw QueryError(.invalidLiteral, "'\(text)' is not a valid \(type.displayName.uppercased()) literal")
            }
        }
    }
}
