import SQLSyntax
import SQLTypes

/// A view's stored text as a query.
enum ViewText {
    /// - Throws: SYNTAX_ERROR.
    static func parse(_ text: String) throws -> Query { try Parser.parseQuery(text) }
}
