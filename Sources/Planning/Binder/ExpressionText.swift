import Expressions
import SQLSyntax

/// Expressions as messages show them.
enum ExpressionText {
    /// As Trino prints it: operators with parentheses around them.
    static func describe(_ expression: Expression) -> String {
        let text = SQLFormatter.format(expression)
        switch expression.kind {
        case .arithmetic, .comparison, .and, .or, .not, .concat, .isNull, .isDistinctFrom, .between, .inList, .inQuery,
            .like:
            return "(\(text))"
        default: return text
        }
    }

    static func describe(_ expression: BoundExpression) -> String { BoundExpressionText.print(expression) }
}
