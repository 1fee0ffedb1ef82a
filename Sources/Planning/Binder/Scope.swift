import Expressions
import SQLSyntax
import SQLTypes

/// The columns that names may mean at a place, and the scope around it.
///
/// ```
/// SELECT ... FROM t JOIN u ON ...      fields: t.a t.b u.a u.c
///   WHERE EXISTS (SELECT ... FROM v)   fields: v.x, parent: the scope above
/// ```
final class Scope {
    struct Field {
        /// Parts of the relation's name (`catalog`, `database`, `table`) or its alias; nil for a merged column.
        var relation: [String]?
        /// As written or as the catalog has it; nil for an unnamed expression.
        var name: String?
        var column: ColumnReference
        /// `"$path"` and the like: found by name, left out of `*`.
        var isHidden = false

        init(relation: [String]? = nil, name: String?, column: ColumnReference, isHidden: Bool = false) {
            self.relation = relation
            self.name = name
            self.column = column
            self.isHidden = isHidden
        }
    }

    /// A column, and the row fields that the rest of a dotted name steps into.
    struct Match {
        var field: Field
        var rest: ArraySlice<Identifier>
    }

    let fields: [Field]
    let parent: Scope?
    private let positions: [String: [Int]]

    init(_ fields: [Field], parent: Scope? = nil) {
        self.fields = fields
        self.parent = parent
        var positions: [String: [Int]] = [:]
        for (index, field) in fields.enumerated() {
            if let name = field.name { positions[name.lowercased(), default: []].append(index) }
        }
        self.positions = positions
    }

    /// Finds `a`, `t.a`, `db.t.a`, or a column followed by row fields; the innermost scope that knows the name wins.
    ///
    /// - Throws: AMBIGUOUS_NAME.
    func resolve(_ name: QualifiedName) throws -> Match? {
        var scope: Scope? = self
        while let current = scope {
            if let match = try current.resolveHere(name) { return match }
            scope = current.parent
        }
        return nil
    }

    private func resolveHere(_ name: QualifiedName) throws -> Match? {
        let parts = name.canonicalParts
        // The longest prefix that names a column; what follows are fields of a row.
        for length in stride(from: parts.count, to: 0, by: -1) {
            let found = matches(parts[..<length])
            if found.count > 1 {
                throw QueryError(.ambiguousName, "Column '\(name.displayName)' is ambiguous", at: name.position)
            }
            if let only = found.first { return Match(field: fields[only], rest: name.parts[length...]) }
        }
        return nil
    }

    private func matches(_ parts: ArraySlice<String>) -> [Int] {
        guard let last = parts.last, let candidates = positions[last] else { return [] }
        if parts.count == 1 { return candidates }
        let qualifier = Array(parts.dropLast())
        return candidates.filter { index in
            guard let relation = fields[index].relation, relation.count >= qualifier.count else { return false }
            return Array(relation.suffix(qualifier.count)) == qualifier
        }
    }

    /// Visible fields of the relation that `name` means, nil when there is no such relation here.
    func fields(of name: QualifiedName) -> [Field]? {
        let parts = name.canonicalParts
        let found = fields.filter { field in
            guard let relation = field.relation, relation.count >= parts.count else { return false }
            return Array(relation.suffix(parts.count)) == parts
        }
        return found.isEmpty ? nil : found.filter { !$0.isHidden }
    }

    var visibleFields: [Field] { fields.filter { !$0.isHidden } }

    /// COLUMN_NOT_FOUND in Trino's wording, with near names.
    func notFound(_ name: QualifiedName, at position: SourcePosition) -> QueryError {
        let known = fields.filter { !$0.isHidden }.compactMap { $0.name?.lowercased() }
        let near = NearNames.hint(name.last.canonical, among: known)
        return QueryError(.columnNotFound, "Column '\(name.displayName)' cannot be resolved" + near, at: position)
    }
}
