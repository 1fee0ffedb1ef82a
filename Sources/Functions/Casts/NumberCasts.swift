import Columnar
import SQLTypes

/// Casts among boolean, integers, real, double and decimals.
enum NumberCasts {
    static func make(from source: DataType, to target: DataType, isTry: Bool) -> CastKernel {
        switch source {
        case .boolean: return fromBoolean(target)
        case .tinyint: return fromInteger(Int8.self, source, target, isTry)
        case .smallint: return fromInteger(Int16.self, source, target, isTry)
        case .integer: return fromInteger(Int32.self, source, target, isTry)
        case .bigint: return fromInteger(Int64.self, source, target, isTry)
        case .real: return fromFloat(Float.self, target, isTry, "REAL")
        case .double: return fromFloat(Double.self, target, isTry, "DOUBLE")
        case .decimal(let precision, let scale):
            return source.physical == .int64
                ? fromDecimal(Int64.self, precision, scale, target, isTry)
                : fromDecimal(Int128.self, precision, scale, target, isTry)
        default: return { argument, _ in argument }
        }
    }

    private static func fromBoolean(_ target: DataType) -> CastKernel {
        switch target.physical {
        case .int8: return { Kernel.unary($0, $1, as: target, UInt8.self, Int8.self) { Int8($0 & 1) } }
        case .int16: return { Kernel.unary($0, $1, as: target, UInt8.self, Int16.self) { Int16($0 & 1) } }
        case .int32: return { Kernel.unary($0, $1, as: target, UInt8.self, Int32.self) { Int32($0 & 1) } }
        case .float: return { Kernel.unary($0, $1, as: target, UInt8.self, Float.self) { Float($0 & 1) } }
        case .double: return { Kernel.unary($0, $1, as: target, UInt8.self, Double.self) { Double($0 & 1) } }
        case .int64:
            var one: Int64 = 1
            if case .decimal(_, let scale) = target { one = Decimal.shortPowers[scale] }
            return { [one] in Kernel.unary($0, $1, as: target, UInt8.self, Int64.self) { Int64($0 & 1) &* one } }
        default:
            var one: Int128 = 1
            if case .decimal(_, let scale) = target { one = Decimal.power(scale) }
            return { [one] in Kernel.unary($0, $1, as: target, UInt8.self, Int128.self) { Int128($0 & 1) &* one } }
        }
    }

    // MARK: Integers

    @inline(__always)
    private static func fromInteger<A: FixedWidthInteger & SignedInteger>(
        _: A.Type, _ source: DataType, _ target: DataType, _ isTry: Bool
    ) -> CastKernel {
        switch target {
        case .boolean: return { Kernel.unary($0, $1, as: target, A.self, UInt8.self) { $0 != 0 ? 1 : 0 } }
        case .tinyint: return integers(A.self, Int8.self, target, isTry)
        case .smallint: return integers(A.self, Int16.self, target, isTry)
        case .integer: return integers(A.self, Int32.self, target, isTry)
        case .bigint: return integers(A.self, Int64.self, target, isTry)
        case .real: return { Kernel.unary($0, $1, as: target, A.self, Float.self) { Float($0) } }
        case .double: return { Kernel.unary($0, $1, as: target, A.self, Double.self) { Double($0) } }
        case .decimal(let precision, let scale):
            let isSafe = CastKernels.cannotRaise(from: source, to: target)
            let name = source.displayName.uppercased()
            if target.physical == .int64 {
                let factor = Decimal.shortPowers[scale]
                if isSafe { return { Kernel.unary($0, $1, as: target, A.self, Int64.self) { Int64($0) &* factor } } }
                let limit = Decimal.shortPowers[precision]
                return {
                    try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int64.self) { value in
                        let (product, overflow) = Int64(value).multipliedReportingOverflow(by: factor)
                        guard !overflow, product < limit, product > -limit else {
                            throw tooBig("\(name) '\(value)'", precision, scale)
                        }
                        return product
                    }
                }
            }
            let factor = Decimal.power(scale)
            if isSafe { return { Kernel.unary($0, $1, as: target, A.self, Int128.self) { Int128($0) &* factor } } }
            return {
                try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int128.self) { value in
                    let (product, overflow) = Int128(value).multipliedReportingOverflow(by: factor)
                    guard !overflow, !Decimal.overflows(product, precision: precision) else {
                        throw tooBig("\(name) '\(value)'", precision, scale)
                    }
                    return product
                }
            }
        default: return { argument, _ in argument }
        }
    }

    @inline(__always)
    private static func integers<A: FixedWidthInteger & SignedInteger, R: FixedWidthInteger & SignedInteger>(
        _: A.Type, _: R.Type, _ target: DataType, _ isTry: Bool
    ) -> CastKernel {
        if A.bitWidth <= R.bitWidth {
            return { Kernel.unary($0, $1, as: target, A.self, R.self) { R(truncatingIfNeeded: $0) } }
        }
        return {
            try CastKernels.convert($0, $1, target, isTry: isTry, A.self, R.self) { value in
                guard let narrow = R(exactly: value) else { throw outOfRange(target, "\(value)") }
                return narrow
            }
        }
    }

    static func outOfRange(_ target: DataType, _ value: String) -> QueryError {
        QueryError(.numericValueOutOfRange, "Out of range for \(target.displayName): \(value)")
    }

    private static func tooBig(_ value: String, _ precision: Int, _ scale: Int) -> QueryError {
        QueryError(.invalidCastArgument, "Cannot cast \(value) to DECIMAL(\(precision), \(scale))")
    }

    // MARK: Floats

    @inline(__always)
    private static func fromFloat<A: BinaryFloatingPoint>(
        _: A.Type, _ target: DataType, _ isTry: Bool, _ name: String
    ) -> CastKernel {
        switch target {
        case .boolean: return { Kernel.unary($0, $1, as: target, A.self, UInt8.self) { $0 != 0 ? 1 : 0 } }
        case .tinyint: return floatToInteger(A.self, Int8.self, target, isTry, name)
        case .smallint: return floatToInteger(A.self, Int16.self, target, isTry, name)
        case .integer: return floatToInteger(A.self, Int32.self, target, isTry, name)
        case .bigint: return floatToInteger(A.self, Int64.self, target, isTry, name)
        case .real: return { Kernel.unary($0, $1, as: target, A.self, Float.self) { Float($0) } }
        case .double: return { Kernel.unary($0, $1, as: target, A.self, Double.self) { Double($0) } }
        case .decimal(let precision, let scale):
            func convert(_ value: A) throws -> Int128 {
                let unscaled =
                    A.self == Float.self
                    ? Decimal.fromReal(Float(value), precision: precision, scale: scale)
                    : Decimal.fromDouble(Double(value), precision: precision, scale: scale)
                guard let unscaled else { throw tooBig("\(name) '\(text(value))'", precision, scale) }
                return unscaled
            }
            if target.physical == .int64 {
                return {
                    try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int64.self) {
                        Int64(truncatingIfNeeded: try convert($0))
                    }
                }
            }
            return { try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int128.self) { try convert($0) } }
        default: return { argument, _ in argument }
        }
    }

    @inline(__always)
    private static func floatToInteger<A: BinaryFloatingPoint, R: FixedWidthInteger & SignedInteger>(
        _: A.Type, _: R.Type, _ target: DataType, _ isTry: Bool, _ name: String
    ) -> CastKernel {
        {
            try CastKernels.convert($0, $1, target, isTry: isTry, A.self, R.self) { value in
                let rounded = value.rounded(.toNearestOrAwayFromZero)
                guard let integer = R(exactly: rounded) else {
                    if value.isNaN || R.self == Int64.self {
                        let message =
                            R.self == Int64.self
                            ? "Unable to cast \(text(value)) to bigint"
                            : "Cannot cast \(name.lowercased()) NaN to \(target.displayName)"
                        throw QueryError(.invalidCastArgument, message)
                    }
                    throw outOfRange(target, text(value))
                }
                return integer
            }
        }
    }

    private static func text<A: BinaryFloatingPoint>(_ value: A) -> String {
        var bytes: [UInt8] = []
        if A.self == Float.self {
            FloatText.append(Float(value), to: &bytes)
        } else {
            FloatText.append(Double(value), to: &bytes)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: Decimals

    @inline(__always)
    private static func fromDecimal<A: FixedWidthInteger & SignedInteger>(
        _: A.Type, _ precision: Int, _ scale: Int, _ target: DataType, _ isTry: Bool
    ) -> CastKernel {
        switch target {
        case .boolean: return { Kernel.unary($0, $1, as: target, A.self, UInt8.self) { $0 != 0 ? 1 : 0 } }
        case .tinyint: return decimalToInteger(A.self, Int8.self, scale, target, isTry)
        case .smallint: return decimalToInteger(A.self, Int16.self, scale, target, isTry)
        case .integer: return decimalToInteger(A.self, Int32.self, scale, target, isTry)
        case .bigint: return decimalToInteger(A.self, Int64.self, scale, target, isTry)
        case .real:
            return { Kernel.unary($0, $1, as: target, A.self, Float.self) { decimalToReal(Int128($0), scale) } }
        case .double:
            if A.self == Int64.self, scale <= 22, precision <= 15 {
                let divisor = Decimal.exactDoublePower(scale)
                return { Kernel.unary($0, $1, as: target, Int64.self, Double.self) { Double($0) / divisor } }
            }
            return {
                Kernel.unary($0, $1, as: target, A.self, Double.self) { Decimal.double(Int128($0), scale: scale) }
            }
        case .decimal(let newPrecision, let newScale):
            let source = DataType.decimal(precision: precision, scale: scale)
            if CastKernels.cannotRaise(from: source, to: target) {
                return widen(A.self, newScale - scale, target)
            }
            func convert(_ value: A) throws -> Int128 {
                guard let result = Decimal.rescale(Int128(value), from: scale, to: newScale),
                    !Decimal.overflows(result, precision: newPrecision)
                else {
                    let shown = ValueText.print(.int128(Int128(value)), source)
                    throw tooBig("DECIMAL(\(precision), \(scale)) '\(shown)'", newPrecision, newScale)
                }
                return result
            }
            if target.physical == .int64 {
                return {
                    try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int64.self) {
                        Int64(truncatingIfNeeded: try convert($0))
                    }
                }
            }
            return { try CastKernels.convert($0, $1, target, isTry: isTry, A.self, Int128.self) { try convert($0) } }
        default: return { argument, _ in argument }
        }
    }

    /// To a decimal with room for every value: a multiplication.
    @inline(__always)
    private static func widen<A: FixedWidthInteger & SignedInteger>(_: A.Type, _ digits: Int, _ target: DataType)
        -> CastKernel
    {
        if target.physical == .int64 {
            if digits == 0 { return { argument, _ in argument.retyped(target) } }
            let factor = Decimal.shortPowers[digits]
            return { Kernel.unary($0, $1, as: target, Int64.self, Int64.self) { $0 &* factor } }
        }
        if digits == 0, A.self == Int128.self { return { argument, _ in argument.retyped(target) } }
        let factor = Decimal.power(digits)
        if A.self == Int64.self, digits <= 18 {
            let short = Decimal.shortPowers[digits]
            return { Kernel.unary($0, $1, as: target, Int64.self, Int128.self) { Int128($0) &* Int128(short) } }
        }
        return { Kernel.unary($0, $1, as: target, A.self, Int128.self) { Int128($0) &* factor } }
    }

    @inline(__always)
    private static func decimalToInteger<A: FixedWidthInteger & SignedInteger, R: FixedWidthInteger & SignedInteger>(
        _: A.Type, _: R.Type, _ scale: Int, _ target: DataType, _ isTry: Bool
    ) -> CastKernel {
        {
            try CastKernels.convert($0, $1, target, isTry: isTry, A.self, R.self) { value in
                guard let integer = R(exactly: Decimal.dividedByPower(Int128(value), scale)) else {
                    let shown = ValueText.print(.int128(Int128(value)), .decimal(precision: 38, scale: scale))
                    throw QueryError(
                        .invalidCastArgument, "Cannot cast '\(shown)' to \(target.displayName.uppercased())")
                }
                return integer
            }
        }
    }

    private static func decimalToReal(_ value: Int128, _ scale: Int) -> Float {
        if value.magnitude <= 1 << 24, scale <= 10 {
            return Float(Int64(value)) / Float(Decimal.exactDoublePower(scale))
        }
        var text: [UInt8] = []
        ValueText.appendDecimal(value, scale: scale, to: &text)
        return text.withUnsafeBufferPointer { NumberText.parseReal($0) } ?? .nan
    }
}
