import Expressions
import SQLSyntax
import SQLTypes

/// Binds a window frame. ROWS and GROUPS count; RANGE compares the sort key with *key ± offset*, which is bound here as
/// an expression, so that execution compares values of one type.
struct FrameBinder {
    /// Binds the offsets.
    let binder: ExpressionBinder
    let orderBy: [PendingWindow.Order]

    func bind(_ syntax: SQLSyntax.WindowFrame?) throws -> PendingWindow.Frame {
        guard let syntax else {
            return PendingWindow.Frame(unit: .range, start: .unboundedPreceding, end: .currentRow)
        }
        guard syntax.pattern == nil else {
            throw QueryError(.notSupported, "Row pattern recognition in windows is not supported", at: syntax.position)
        }
        let end = syntax.end ?? .currentRow
        try check(syntax.start, end, at: syntax.position)
        let unit: WindowFrame.Unit
        switch syntax.unit {
        case .rows: unit = .rows
        case .range: unit = .range
        case .groups: unit = .groups
        }
        if unit == .groups, orderBy.isEmpty {
            throw QueryError(
                .missingOrderBy, "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY",
                at: syntax.position)
        }
        return PendingWindow.Frame(
            unit: unit, start: try bind(syntax.start, unit, at: syntax.position),
            end: try bind(end, unit, place: "end", at: syntax.position))
    }

    private func check(
        _ start: SQLSyntax.WindowFrame.Bound, _ end: SQLSyntax.WindowFrame.Bound, at position: SourcePosition
    ) throws {
        func refuse(_ message: String) -> QueryError { QueryError(.invalidWindowFrame, message, at: position) }
        if case .unboundedFollowing = start { throw refuse("Window frame start cannot be UNBOUNDED FOLLOWING") }
        if case .unboundedPreceding = end { throw refuse("Window frame end cannot be UNBOUNDED PRECEDING") }
        switch (start, end) {
        case (.currentRow, .preceding):
            throw refuse("Window frame starting from CURRENT ROW cannot end with PRECEDING")
        case (.following, .preceding):
            throw refuse("Window frame starting from FOLLOWING cannot end with PRECEDING")
        case (.following, .currentRow):
            throw refuse("Window frame starting from FOLLOWING cannot end with CURRENT ROW")
        default: break
        }
    }

    private func bind(
        _ bound: SQLSyntax.WindowFrame.Bound, _ unit: WindowFrame.Unit, place: String = "start",
        at position: SourcePosition
    ) throws -> PendingWindow.Bound {
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .currentRow: return .currentRow
        case .unboundedFollowing: return .unboundedFollowing
        case .preceding(let offset): return .preceding(try value(offset, unit, isPreceding: true, place, at: position))
        case .following(let offset): return .following(try value(offset, unit, isPreceding: false, place, at: position))
        }
    }

    private func value(
        _ syntax: Expression, _ unit: WindowFrame.Unit, isPreceding: Bool, _ place: String,
        at position: SourcePosition
    ) throws -> BoundExpression {
        let offset = try binder.bind(syntax)
        switch unit {
        case .rows, .groups:
            var isWhole = offset.type.isInteger || offset.type == .unknown
            if case .decimal(_, scale: 0) = offset.type { isWhole = true }
            guard isWhole else {
                throw QueryError(
                    .typeMismatch,
                    "Window frame \(unit.rawValue) \(place) value type must be exact numeric type with scale 0 (actual \(offset.type.displayName))",
                    at: syntax.position)
            }
            return binder.coercion.coerce(offset, to: .bigint)
        case .range:
            guard orderBy.count == 1 else {
                throw QueryError(
                    orderBy.isEmpty ? .missingOrderBy : .invalidOrderBy,
                    orderBy.isEmpty
                        ? "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY"
                        : "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: \(orderBy.count))",
                    at: position)
            }
            return try rangeBound(orderBy[0], offset, isPreceding: isPreceding, at: syntax.position)
        }
    }

    /// `key - offset` before an ascending key or after a descending one, else `key + offset`, in the key's type.
    private func rangeBound(
        _ order: PendingWindow.Order, _ offset: BoundExpression, isPreceding: Bool, at position: SourcePosition
    ) throws -> BoundExpression {
        let key = order.expression
        switch key.type {
        case .date, .timestamp, .timestampWithTimeZone, .time, .timeWithTimeZone, .intervalDayToSecond,
            .intervalYearToMonth, .unknown:
            break
        default:
            guard key.type.isNumeric else {
                throw QueryError(
                    .typeMismatch,
                    "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: \(key.type.displayName))",
                    at: position)
            }
        }
        if case .constant(let value, let type) = offset, Self.isNegative(value, type) {
            throw QueryError(
                .invalidWindowFrame, "Window frame RANGE offset must be non-negative", at: position)
        }
        let isSubtraction = isPreceding == order.isAscending
        let result: BoundExpression
        do {
            result = try binder.call(isSubtraction ? "$subtract" : "$add", [key, offset], at: position)
        } catch let error as QueryError where error.code == .typeMismatch || error.code == .functionNotFound {
            throw QueryError(
                .typeMismatch,
                "Window frame RANGE value type (\(offset.type.displayName)) not compatible with sort item type (\(key.type.displayName))",
                at: position)
        }
        guard result.type == key.type || TypeCoercion.canCoerce(result.type, to: key.type) || key.type.isNumeric else {
            throw QueryError(
                .typeMismatch,
                "Window frame RANGE value type (\(offset.type.displayName)) not compatible with sort item type (\(key.type.displayName))",
                at: position)
        }
        return binder.coercion.coerce(result, to: key.type)
    }

    private static func isNegative(_ value: Value, _ type: DataType) -> Bool {
        switch value {
        case .int(let number): number < 0
        case .int128(let number): number < 0
        case .double(let number): number < 0
        case .real(let number): number < 0
        default: false
        }
    }
}
