import SQLSyntax
import SQLTypes

/// A view's stored text as a query.
enum ViewText {
    static func parse(_ text: String) throws -> Query {
        throw QueryError(.notSupported, "Views are not supported")
    }
}
