import Expressions
import SQLSyntax

/// Expressions as messages show them.
enum ExpressionText {
    static func describe(_ expression: Expression) -> String {
        expression.asQualifiedName?.displayName ?? "expression"
    }

    static func describe(_ expression: BoundExpression) -> String { BoundExpressionText.print(expression) }
}
