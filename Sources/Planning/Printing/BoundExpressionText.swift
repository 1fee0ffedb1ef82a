import Expressions
import SQLTypes

/// Bound expressions as plans show them: `(l_quantity < DECIMAL '24')`, with the names of columns.
public enum BoundExpressionText {
    public static func print(_ expression: BoundExpression) -> String {
        switch expression {
        case .constant(let value, let type): return literal(value, type)
        case .column(let column): return column.name
        case .call(let call): return self.call(call)
        case .comparison(let op, let left, let right): return "(\(print(left)) \(op.rawValue) \(print(right)))"
        case .and(let terms): return "(" + terms.map(print).joined(separator: " AND ") + ")"
        case .or(let terms): return "(" + terms.map(print).joined(separator: " OR ") + ")"
        case .not(let inner):
            if case .isNull(let operand) = inner { return "(\(print(operand)) IS NOT NULL)" }
            return "(NOT \(print(inner)))"
        case .isNull(let inner): return "(\(print(inner)) IS NULL)"
        case .inList(let value, let list): return "(\(print(value)) IN (\(list.map(print).joined(separator: ", "))))"
        case .caseWhen(let branches, let otherwise, _):
            var text = "CASE"
            for branch in branches { text += " WHEN \(print(branch.condition)) THEN \(print(branch.result))" }
            if case .constant(.null, _) = otherwise { return text + " END" }
            return text + " ELSE \(print(otherwise)) END"
        case .coalesce(let terms, _): return "COALESCE(\(terms.map(print).joined(separator: ", ")))"
        case .nullIf(let first, let second): return "NULLIF(\(print(first)), \(print(second)))"
        case .tryExpression(let inner): return "TRY(\(print(inner)))"
        case .cast(let inner, let type, let isTry):
            return "\(isTry ? "TRY_CAST" : "CAST")(\(print(inner)) AS \(type.displayName))"
        case .field(let row, let index, _):
            if case .row(let fields) = row.type, index < fields.count, let name = fields[index].name {
                return "\(print(row)).\(name)"
            }
            return "\(print(row))[\(index + 1)]"
        case .makeRow(let fields, _): return "ROW(\(fields.map(print).joined(separator: ", ")))"
        case .lambda(let parameters, let body):
            return "(\(parameters.map(\.name).joined(separator: ", "))) -> \(print(body))"
        }
    }

    private static let operators = [
        "$add": "+", "$subtract": "-", "$multiply": "*", "$divide": "/", "$modulus": "%", "$like": "LIKE",
    ]

    private static func call(_ call: FunctionCall) -> String {
        let arguments = call.arguments.map(print)
        let name = call.function.name
        if let symbol = operators[name], arguments.count == 2 { return "(\(arguments[0]) \(symbol) \(arguments[1]))" }
        switch (name, arguments.count) {
        case ("$like", 3): return "(\(arguments[0]) LIKE \(arguments[1]) ESCAPE \(arguments[2]))"
        case ("$negate", 1): return "(-\(arguments[0]))"
        case ("$subscript", 2): return "\(arguments[0])[\(arguments[1])]"
        case ("$array", _): return "ARRAY[\(arguments.joined(separator: ", "))]"
        default: return "\(name)(\(arguments.joined(separator: ", ")))"
        }
    }

    static func literal(_ value: Value, _ type: DataType) -> String {
        if value.isNull { return "NULL" }
        let text = ValueText.print(value, type)
        switch type {
        case .varchar, .char: return quoted(text)
        case .boolean, .tinyint, .smallint, .integer, .bigint, .double: return text
        case .array, .map, .row, .unknown, .function, .sketch: return text
        case .intervalYearToMonth, .intervalDayToSecond: return "INTERVAL '\(text)'"
        case .varbinary: return "X'\(text)'"
        case .decimal: return "DECIMAL '\(text)'"
        case .timestamp, .timestampWithTimeZone: return "TIMESTAMP '\(text)'"
        case .time, .timeWithTimeZone: return "TIME '\(text)'"
        case .real, .date, .json, .uuid, .ipaddress: return "\(type.displayName.uppercased()) \(quoted(text))"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "'"
        for character in text.unicodeScalars {
            if character == "'" { result += "'" }
            result.unicodeScalars.append(character)
        }
        return result + "'"
    }
}
