import Functions
import Metastore
import SQLSyntax
import SQLTypes

/// What the binders of one statement share: the catalog, the functions, the supply of column ids, shared definitions,
/// and how deep the tree is that is being bound.
final class BindingContext {
    let catalog: any CatalogReader
    let functions: FunctionRegistry
    let session: BindingSession
    let columns = ColumnAllocator()
    /// WITH queries that are bound once, in order of definition.
    var sharedDefinitions: [SharedDefinition] = []
    /// `"$path"` and the like by id, and those that the statement reads; the others leave their scans at the end.
    var hiddenColumns: Set<Int> = []
    var usedHiddenColumns: Set<Int> = []
    /// `database.view` of the views that are being expanded, outermost first.
    var viewStack: [String] = []
    /// With `describesParameters`: the type that the context gave to each `?`.
    var parameterTypes: [Int: DataType] = [:]
    let describesParameters: Bool
    private var depth = 0
    private var lastSharedID = 0

    struct SharedDefinition {
        var id: Int
        var plan: LogicalPlan
    }

    /// Nesting of expressions and queries. Real statements stay below 100; each level takes a few stack frames of the
    /// binder, the optimiser and the evaluator.
    static let maxDepth = 600
    /// Views inside views.
    static let maxViewDepth = 50

    init(catalog: any CatalogReader, functions: FunctionRegistry, session: BindingSession, describesParameters: Bool) {
        self.catalog = catalog
        self.functions = functions
        self.session = session
        self.describesParameters = describesParameters
    }

    /// Each subquery in an expression is one join deeper, which the optimiser walks again and again.
    static let maxSubqueries = 300
    private var subqueryCount = 0

    /// Counts one more subquery in an expression.
    func addSubquery(at position: SourcePosition) throws {
        subqueryCount += 1
        guard subqueryCount <= Self.maxSubqueries else {
            throw QueryError(
                .notSupported, "The statement has too many subqueries in expressions: more than \(Self.maxSubqueries)",
                at: position)
        }
    }

    func makeSharedID() -> Int {
        lastSharedID += 1
        return lastSharedID
    }

    /// Runs `body` one level deeper.
    func descend<Result>(at position: SourcePosition, _ body: () throws -> Result) throws -> Result {
        guard depth < Self.maxDepth else {
            throw QueryError(
                .notSupported, "The statement is nested too deeply: more than \(Self.maxDepth) levels", at: position)
        }
        depth += 1
        defer { depth -= 1 }
        return try body()
    }
}

/// What names mean at a place of the statement, besides the columns of FROM.
struct BindingEnvironment {
    /// Database of unqualified table names (a view's own database inside a view).
    var database: String?
    /// WITH queries in view, by canonical name.
    var commonTables: [String: CommonTable] = [:]
    /// Columns of the enclosing query, for correlated subqueries.
    var outer: Scope?
}
