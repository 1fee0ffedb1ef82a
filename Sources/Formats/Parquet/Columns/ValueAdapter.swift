import Columnar
import SQLTypes

/// Turns values as a file stores them into lanes of the table's type. Decoders give stored values; this owns all
/// type rules, so that types and encodings never multiply.
struct ValueAdapter: Sendable {
    enum Rule: Sendable {
        /// The stored layout is the table's.
        case same
        case widenSigned32, widenUnsigned32
        /// Int32 to 1, 2 or 4 bytes; a value outside the range is an error.
        case narrow32(low: Int32, high: Int32)
        /// Any integers, scaled and checked.
        case integer(IntegerScaling, isSigned: Bool)
        /// Int64 timestamps to microseconds: times `multiply`, divided with rounding, times `scale`.
        case timestamp(multiply: Int64, divide: Int64, scale: Int64)
        case int96(precision: Int)
        case floatToDouble, halfToReal, halfToDouble
        /// Big-endian two's complement, of fixed or own length.
        case bytesToDecimal(IntegerScaling)
        case fixedToBytes, uuidToText, uuidToNumber
        case truncate(Int), trimChar(Int)
        /// The file can only hold nulls.
        case nothing
    }

    let rule: Rule
    let stored: StoredType
    let fixedByteCount: Int
    let type: DataType

    /// nil when the table's type cannot be read from the field.
    init?(_ node: SchemaNode, as type: DataType) {
        guard let stored = node.stored else { return nil }
        self.stored = stored
        fixedByteCount = node.fixedByteCount
        self.type = type
        guard let rule = Self.rule(node, stored, type) else { return nil }
        self.rule = rule
    }

    /// Bytes of one stored value as decoders lay it out.
    var storedByteCount: Int {
        switch stored {
        case .boolean: 1
        case .int32, .float: 4
        case .int64, .double: 8
        case .int96: 12
        case .byteArray: 16
        case .fixedByteArray: fixedByteCount
        }
    }

    /// The order of stored values (as statistics have it) is the order of the table's values.
    var keepsOrder: Bool {
        switch rule {
        case .same, .widenSigned32, .widenUnsigned32, .narrow32, .integer, .timestamp, .bytesToDecimal, .truncate,
            .fixedToBytes:
            stored != .int96
        case .floatToDouble: true
        case .int96, .halfToReal, .halfToDouble, .uuidToText, .uuidToNumber, .trimChar, .nothing: false
        }
    }

    /// Different stored values may become one table value.
    var mayMergeValues: Bool {
        switch rule {
        case .timestamp(_, let divide, _): divide != 1
        case .integer(let scaling, _), .bytesToDecimal(let scaling): scaling.divide != 1
        case .int96(let precision): precision < 9
        case .truncate, .trimChar: true
        default: false
        }
    }

    /// Some stored values may be none of the table's type.
    var mayRefuseValues: Bool {
        switch rule {
        case .narrow32, .integer, .bytesToDecimal: true
        case .timestamp(let multiply, _, _): multiply != 1
        default: false
        }
    }

    // MARK: Which rule

    private static func rule(_ node: SchemaNode, _ stored: StoredType, _ type: DataType) -> Rule? {
        if node.annotation == .unknown { return .nothing }
        switch stored {
        case .boolean: return type == .boolean ? .same : nil
        case .int32, .int64: return integerRule(node, stored, type)
        case .int96:
            guard case .timestamp(let precision) = type, precision <= 9 else { return nil }
            return .int96(precision: precision)
        case .float:
            switch type {
            case .real: return .same
            case .double: return .floatToDouble
            default: return nil
            }
        case .double: return type == .double ? .same : nil
        case .byteArray:
            if case .decimal(let precision, let scale) = node.annotation {
                return decimalRule(precision, scale, type) ?? (type == .varbinary ? .same : nil)
            }
            switch type {
            case .varchar(let length?): return .truncate(length)
            case .char(let length): return .trimChar(length)
            case .varchar, .varbinary, .json: return .same
            default: return nil
            }
        case .fixedByteArray:
            switch node.annotation {
            case .decimal(let precision, let scale):
                return decimalRule(precision, scale, type) ?? (type == .varbinary ? .fixedToBytes : nil)
            case .uuid where node.fixedByteCount == 16:
                switch type {
                case .varchar(let length) where (length ?? 36) >= 36: return .uuidToText
                case .uuid: return .uuidToNumber
                case .varbinary: return .fixedToBytes
                default: return nil
                }
            case .float16 where node.fixedByteCount == 2:
                switch type {
                case .real: return .halfToReal
                case .double: return .halfToDouble
                default: return nil
                }
            default:
                switch type {
                case .varbinary, .varchar(nil): return .fixedToBytes
                default: return nil
                }
            }
        }
    }

    private static func integerRule(_ node: SchemaNode, _ stored: StoredType, _ type: DataType) -> Rule? {
        var isSigned = true
        switch node.annotation {
        case .decimal(let precision, let scale):
            guard case .decimal(let wantedPrecision, let wantedScale) = type else { return nil }
            if scale == wantedScale, precision <= wantedPrecision, wantedPrecision <= DataType.maxShortDecimalPrecision
            {
                return stored == .int32 ? .widenSigned32 : .same
            }
            return IntegerScaling(fromScale: scale, toPrecision: wantedPrecision, scale: wantedScale)
                .map { .integer($0, isSigned: true) }
        case .timestamp(let unit):
            switch type {
            case .timestamp(let precision): return stored == .int64 ? timestampRule(unit, precision) : nil
            case .bigint: return stored == .int64 ? .same : nil
            default: return nil
            }
        case .time(let unit):
            if case .time(let precision) = type {
                let digits = unit == .millis ? 3 : (unit == .micros ? 6 : 9)
                let exponent = 12 - digits
                guard precision <= 12 else { return nil }
                return .integer(
                    IntegerScaling(
                        multiply: Self.power(exponent), divide: 1, low: 0, high: 86_400_000_000_000_000 - 1),
                    isSigned: true)
            }
            if type == .integer, stored == .int32 { return .same }
            if type == .bigint { return stored == .int64 ? .same : .widenSigned32 }
            return nil
        case .date:
            if type == .date, stored == .int32 { return .same }
            if type == .integer, stored == .int32 { return .same }
            return nil
        case .integer(_, let signed): isSigned = signed
        default: break
        }
        switch type {
        case .bigint:
            if stored == .int64 {
                return isSigned
                    ? .same
                    : .integer(IntegerScaling(multiply: 1, divide: 1, low: 0, high: Int128(Int64.max)), isSigned: false)
            }
            return isSigned ? .widenSigned32 : .widenUnsigned32
        case .integer:
            guard stored == .int32 else { return nil }
            return isSigned ? .same : .narrow32(low: 0, high: Int32.max)
        case .smallint:
            guard stored == .int32 else { return nil }
            return .narrow32(low: isSigned ? Int32(Int16.min) : 0, high: Int32(Int16.max))
        case .tinyint:
            guard stored == .int32 else { return nil }
            return .narrow32(low: isSigned ? Int32(Int8.min) : 0, high: Int32(Int8.max))
        case .date: return stored == .int32 && isSigned ? .same : nil
        case .decimal(let precision, let scale):
            if stored == .int32, isSigned, scale == 0, precision >= 10,
                precision <= DataType.maxShortDecimalPrecision
            {
                return .widenSigned32
            }
            return IntegerScaling(fromScale: 0, toPrecision: precision, scale: scale)
                .map { .integer($0, isSigned: isSigned) }
        default: return nil
        }
    }

    private static func decimalRule(_ precision: Int, _ scale: Int, _ type: DataType) -> Rule? {
        guard case .decimal(let wantedPrecision, let wantedScale) = type else { return nil }
        return IntegerScaling(fromScale: scale, toPrecision: wantedPrecision, scale: wantedScale).map(
            Rule.bytesToDecimal)
    }

    private static func timestampRule(_ unit: TimeUnit, _ precision: Int) -> Rule? {
        let digits = unit == .millis ? 3 : (unit == .micros ? 6 : 9)
        guard precision <= 12 else { return nil }
        if precision > 6 {
            // Picoseconds; rounded where the file is finer than the type.
            let lost = max(digits - precision, 0)
            return .integer(
                IntegerScaling(
                    multiply: power(12 - digits), divide: 1, low: .min, high: .max,
                    roundTo: lost > 0 ? power(12 - precision) : 1),
                isSigned: true)
        }
        if precision >= digits {
            if digits == 6 { return .same }
            return .timestamp(multiply: Int64(power(6 - digits)), divide: 1, scale: 1)
        }
        return .timestamp(
            multiply: 1, divide: Int64(power(digits - precision)), scale: Int64(power(6 - precision)))
    }

    static func power(_ exponent: Int) -> Int128 {
        var result: Int128 = 1
        for _ in 0..<max(exponent, 0) { result &*= 10 }
        return result
    }
}

/// How integers become integers of another scale: times, divided with rounding, within bounds.
struct IntegerScaling: Sendable {
    var multiply: Int128
    /// Half away from zero.
    var divide: Int128
    var low: Int128
    var high: Int128
    /// Rounded half up to a multiple of this, as timestamps are.
    var roundTo: Int128 = 1

    init(multiply: Int128, divide: Int128, low: Int128, high: Int128, roundTo: Int128 = 1) {
        self.multiply = multiply
        self.divide = divide
        self.low = low
        self.high = high
        self.roundTo = roundTo
    }

    /// Between decimals; nil for scales that no decimal has.
    init?(fromScale: Int, toPrecision: Int, scale: Int) {
        guard (0...38).contains(fromScale), (0...38).contains(scale), (1...38).contains(toPrecision) else { return nil }
        let limit = ValueAdapter.power(toPrecision) - 1
        self.init(
            multiply: ValueAdapter.power(scale - fromScale), divide: ValueAdapter.power(fromScale - scale), low: -limit,
            high: limit)
    }

    /// nil when the value does not fit.
    @inline(__always)
    func apply(_ value: Int128) -> Int128? {
        var result = value
        if multiply != 1 {
            let (product, overflow) = value.multipliedReportingOverflow(by: multiply)
            if overflow { return nil }
            result = product
        }
        if divide != 1 {
            let (quotient, rest) = result.quotientAndRemainder(dividingBy: divide)
            let doubled = rest.magnitude &* 2
            result = doubled >= divide.magnitude ? quotient &+ (rest < 0 ? -1 : 1) : quotient
        }
        if roundTo != 1 {
            let (quotient, rest) = result.quotientAndRemainder(dividingBy: roundTo)
            let below = rest < 0 ? quotient &- 1 : quotient
            let above = result &- below &* roundTo
            result = (above &* 2 >= roundTo ? below &+ 1 : below) &* roundTo
        }
        return result >= low && result <= high ? result : nil
    }
}
