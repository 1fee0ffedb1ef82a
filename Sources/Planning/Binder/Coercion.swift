import Expressions
import SQLTypes

/// Brings bound expressions to the types that their operators need. Literals are converted at once, so that a literal
/// stays a literal; everything else gets a cast.
struct Coercion {
    let context: BindingContext

    func coerce(_ expression: BoundExpression, to type: DataType) -> BoundExpression {
        if expression.type == type { return expression }
        switch expression {
        case .column(let column) where column.id < 0 && column.type == .unknown:
            // A `?` that is being described: what is wanted here is its type.
            let index = -column.id - 1
            context.parameterTypes[index] = type
            return .column(ColumnReference(id: column.id, name: column.name, type: type))
        case .constant(let value, let from):
            if let converted = Self.convert(value, from, to: type) { return .constant(converted, type) }
        case .makeRow(let fields, _):
            if case .row(let wanted) = type, wanted.count == fields.count {
                return .makeRow(zip(fields, wanted).map { coerce($0, to: $1.type) }, type: type)
            }
        default: break
        }
        return .cast(expression, to: type, isTry: false)
    }

    /// Conversions of literals that lose nothing and need no arithmetic beyond scaling.
    static func convert(_ value: Value, _ from: DataType, to type: DataType) -> Value? {
        if value.isNull { return .null }
        switch (from, type) {
        case (.tinyint, _), (.smallint, _), (.integer, _), (.bigint, _):
            guard case .int(let number) = value else { return nil }
            switch type {
            case .tinyint: return Int8(exactly: number).map { .int(Int64($0)) }
            case .smallint: return Int16(exactly: number).map { .int(Int64($0)) }
            case .integer: return Int32(exactly: number).map { .int(Int64($0)) }
            case .bigint: return value
            case .double: return .double(Double(number))
            case .real: return .real(Float(number))
            case .decimal(let precision, let scale): return decimal(Int128(number), scaledUp: scale, precision)
            default: return nil
            }
        case (.decimal(_, let fromScale), .decimal(let precision, let scale)) where scale >= fromScale:
            guard let unscaled = unscaled(value) else { return nil }
            return decimal(unscaled, scaledUp: scale - fromScale, precision)
        case (.decimal(_, let scale), .double):
            return unscaled(value).map { .double(Decimal.double($0, scale: scale)) }
        case (.real, .double):
            guard case .real(let number) = value else { return nil }
            return .double(Double(number))
        case (.varchar(let length?), .varchar(let limit)) where limit.map({ $0 >= length }) ?? true: return value
        default: return nil
        }
    }

    private static func unscaled(_ value: Value) -> Int128? {
        switch value {
        case .int(let number): Int128(number)
        case .int128(let number): number
        default: nil
        }
    }

    /// `unscaled * 10^places` in the form that the precision stores, nil when it does not fit.
    static func decimal(_ unscaled: Int128, scaledUp places: Int, _ precision: Int) -> Value? {
        let (number, overflow) = unscaled.multipliedReportingOverflow(by: Decimal.power(places))
        if overflow || Decimal.overflows(number, precision: precision) { return nil }
        return precision <= DataType.maxShortDecimalPrecision ? .int(Int64(number)) : .int128(number)
    }
}
