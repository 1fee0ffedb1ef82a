import Expressions
import SQLTypes

/// What to write instead of a comparison whose sides have no common type, for the mistakes that people make: a string
/// partition key against a number, a date against a plain string.
enum ComparisonAdvice {
    /// ` (…)` to put behind the error's message, or nothing.
    static func text(_ left: BoundExpression, _ right: BoundExpression) -> String {
        advice(left, right) ?? advice(right, left) ?? ""
    }

    /// Advice when `text` is the side of a character type.
    private static func advice(_ text: BoundExpression, _ other: BoundExpression) -> String? {
        guard text.type.isCharacter else { return nil }
        switch other.type {
        case .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal:
            if case .constant(let value, let type) = other, !value.isNull {
                return " (write '\(ValueText.print(value, type))', or CAST the text to \(type.displayName))"
            }
            return " (CAST one side to the type of the other)"
        case .date: return " (write DATE \(literal(text) ?? "'…'"), or CAST the text to date)"
        case .timestamp: return " (write TIMESTAMP \(literal(text) ?? "'…'"), or CAST the text to timestamp)"
        case .boolean: return " (CAST the text to boolean)"
        default: return nil
        }
    }

    private static func literal(_ expression: BoundExpression) -> String? {
        guard case .constant(let value, let type) = expression, !value.isNull else { return nil }
        let text = ValueText.print(value, type)
        return text.utf8.count <= 30 ? "'\(text)'" : nil
    }
}
