import Expressions
import SQLSyntax
import SQLTypes

/// CAST, constructors, subscripts, EXTRACT, TRIM and CURRENT_*.
extension ExpressionBinder {
    func bindCast(
        _ inner: Expression, _ typeName: TypeName, _ isSafe: Bool, at position: SourcePosition
    ) throws -> BoundExpression {
        let type = try typeName.resolve(in: .trino)
        if type == .unknown {
            throw QueryError(.typeMismatch, "UNKNOWN is not a valid type", at: position)
        }
        let bound = try bind(inner)
        guard CastRules.canCast(bound.type, to: type) else {
            throw QueryError(
                .typeMismatch, "Cannot cast \(bound.type.displayName) to \(type.displayName)", at: position)
        }
        if bound.type == type { return bound }
        if case .constant(.null, .unknown) = bound { return .null(type) }
        if case .column(let column) = bound, column.id < 0 { return coercion.coerce(bound, to: type) }
        return .cast(bound, to: type, isTry: isSafe)
    }

    // MARK: Constructors

    func bindRow(_ fields: [Expression]) throws -> BoundExpression {
        let bound = try fields.map(bind)
        return .makeRow(bound, type: .row(bound.map { RowField(name: nil, type: $0.type) }))
    }

    func bindArray(_ elements: [Expression], at position: SourcePosition) throws -> BoundExpression {
        let bound = try elements.map(bind)
        let type = try commonType(of: bound.map(\.type), "ARRAY elements") { elements[$0].position }
        let values = bound.map { coercion.coerce($0, to: type) }
        var constants: [Value] = []
        for case .constant(let value, _) in values { constants.append(value) }
        if constants.count == values.count { return .constant(.array(constants), .array(type)) }
        return try call("$array", values, at: position)
    }

    // MARK: Subscript

    func bindSubscript(
        _ base: Expression, _ index: Expression, at position: SourcePosition
    ) throws -> BoundExpression {
        let container = try bind(base)
        let key = try bind(index)
        switch container.type {
        case .row(let fields):
            guard case .constant(.int(let number), let type) = key, type.isInteger else {
                throw QueryError(
                    .expressionNotConstant, "Subscript expression on ROW requires a constant index", at: index.position)
            }
            guard type == .integer else {
                throw QueryError(
                    .typeMismatch, "Subscript expression on ROW requires integer index, found \(type.displayName)",
                    at: index.position)
            }
            guard number > 0 else {
                throw QueryError(
                    .invalidFunctionArgument,
                    number == 0
                        ? "ROW index must be positive: \(number)"
                        : "Invalid subscript index: \(number). ROW indices start at 1",
                    at: index.position)
            }
            guard number <= fields.count else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "Subscript index out of bounds: \(number), max value is \(fields.count)", at: index.position)
            }
            return .field(container, index: Int(number) - 1, type: fields[Int(number) - 1].type)
        default:
            return try call("$subscript", [container, key], at: position)
        }
    }

    // MARK: Special forms

    func bindExtract(
        _ field: ExtractField, _ value: Expression, at position: SourcePosition
    ) throws -> BoundExpression {
        let bound = try bind(value)
        let name: String
        switch field {
        case .year: name = "year"
        case .quarter: name = "quarter"
        case .month: name = "month"
        case .week: name = "week"
        case .day, .dayOfMonth: name = "day"
        case .dayOfWeek, .dow: name = "day_of_week"
        case .dayOfYear, .doy: name = "day_of_year"
        case .yearOfWeek, .yow: name = "year_of_week"
        case .hour: name = "hour"
        case .minute: name = "minute"
        case .second: name = "second"
        case .timezoneMinute: name = "timezone_minute"
        case .timezoneHour: name = "timezone_hour"
        }
        do {
            return try call(name, [bound], at: position)
        } catch let error as QueryError where error.code == .functionNotFound {
            throw QueryError(
                .typeMismatch, "Cannot extract \(field.rawValue) from \(bound.type.displayName)", at: value.position)
        }
    }

    func bindTrim(
        _ mode: TrimMode, _ source: Expression, _ characters: Expression?, at position: SourcePosition
    ) throws -> BoundExpression {
        var arguments = [try bind(source)]
        if let characters { arguments.append(try bind(characters)) }
        let name: String
        switch mode {
        case .both: name = "trim"
        case .leading: name = "ltrim"
        case .trailing: name = "rtrim"
        }
        return try call(name, arguments, at: position)
    }

    func bindCurrent(
        _ value: CurrentValue, _ precision: Int?, at position: SourcePosition
    ) throws -> BoundExpression {
        func text(_ text: String?) -> BoundExpression {
            text.map { .constant(.string($0), .varcharUnbounded) } ?? .null(.varcharUnbounded)
        }
        /// All of them are conversions of the query's start.
        func timed(_ type: (Int) -> DataType) throws -> BoundExpression {
            let wanted = precision ?? TypeFactory.defaultTimePrecision
            guard (0...12).contains(wanted) else {
                throw QueryError(
                    .numericValueOutOfRange, "\(value.rawValue) precision must be in range [0, 12]: \(wanted)",
                    at: position)
            }
            let target = type(wanted)
            for name in ["now", "$now"] {
                let start = try call(name, [], at: position)
                if start.type == target { return start }
            }
            return .cast(try call("$now", [], at: position), to: target, isTry: false)
        }
        switch value {
        case .date: return .cast(try call("$now", [], at: position), to: .date, isTry: false)
        case .time: return try timed { .timeWithTimeZone(precision: $0) }
        case .timestamp: return try timed { .timestampWithTimeZone(precision: $0) }
        case .localTime: return try timed { .time(precision: $0) }
        case .localTimestamp: return try timed { .timestamp(precision: $0) }
        case .user: return text(context.session.user)
        case .catalog: return text(context.session.catalog)
        case .schema: return text(context.session.database)
        case .path: return text("")
        }
    }
}
