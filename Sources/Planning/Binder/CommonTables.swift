import Expressions
import SQLSyntax
import SQLTypes

/// A WITH query as references to it see it.
final class CommonTable {
    enum Source {
        /// Bound once: every reference reads the shared definition.
        case shared(id: Int)
        /// Bound anew at every reference: cheap ones, through which filters and projections should reach the scan,
        /// and ones that read columns of an enclosing query.
        case inline(Query, BindingEnvironment)
        /// The rows of the last round, inside a recursive query's step.
        case recursiveStep(id: Int)
    }

    let name: String
    let source: Source
    let columns: [(name: String?, type: DataType)]

    init(name: String, source: Source, columns: [(name: String?, type: DataType)]) {
        self.name = name
        self.source = source
        self.columns = columns
    }
}

/// Binds WITH: every query is checked once, in order, and becomes a `CommonTable`.
struct CommonTableBinder {
    let context: BindingContext

    func bind(_ with: With, in environment: BindingEnvironment) throws -> BindingEnvironment {
        var result = environment
        var names: Set<String> = []
        for named in with.queries {
            let name = named.name.canonical
            guard names.insert(name).inserted else {
                throw QueryError(
                    .duplicateNamedQuery, "WITH query name '\(name)' specified more than once", at: named.name.position)
            }
            if with.isRecursive, let table = try RecursiveBinder(context: context, environment: result).bind(named) {
                result.commonTables[name] = table
            } else {
                result.commonTables[name] = try bind(named, in: result)
            }
        }
        return result
    }

    private func bind(_ named: NamedQuery, in environment: BindingEnvironment) throws -> CommonTable {
        let sharedCount = context.sharedDefinitions.count
        let bound = try QueryBinder(context: context, environment: environment).bind(named.query)
        let names = try Self.columnNames(named, bound.columns.map(\.name))
        let columns = zip(names, bound.columns).map { (name: $0, type: $1.column.type) }
        let hasOwnDefinitions = context.sharedDefinitions.count > sharedCount
        if (bound.plan.isCheapToRepeat && !hasOwnDefinitions) || !bound.plan.freeColumns.isEmpty {
            // Nested definitions of this trial are bound again with each reference.
            context.sharedDefinitions.removeSubrange(sharedCount...)
            return CommonTable(name: named.name.canonical, source: .inline(named.query, environment), columns: columns)
        }
        let id = context.makeSharedID()
        // Exactly the query's columns, in order, come out of the definition.
        let outputs = bound.columns.map(\.column)
        let plan = bound.plan.narrowed(to: outputs, context: context)
        context.sharedDefinitions.append(BindingContext.SharedDefinition(id: id, plan: plan))
        return CommonTable(name: named.name.canonical, source: .shared(id: id), columns: columns)
    }

    /// The names of a WITH query's columns: its column list, else the query's own.
    static func columnNames(_ named: NamedQuery, _ own: [String?]) throws -> [String?] {
        guard let list = named.columns else { return own }
        guard list.count == own.count else {
            throw QueryError(
                .mismatchedColumnAliases,
                "Column alias list has \(list.count) entries but relation has \(own.count) columns",
                at: named.name.position)
        }
        return list.map(\.value)
    }
}

extension CommonTable {
    /// A reference to the table: fresh columns over its rows.
    func bindReference(context: BindingContext) throws -> (plan: LogicalPlan, columns: [ColumnReference]) {
        switch source {
        case .shared(let id), .recursiveStep(let id):
            let references = columns.enumerated().map { index, column in
                context.columns.make(column.name ?? "_col\(index)", column.type)
            }
            return (.sharedScan(id: id, columns: references), references)
        case .inline(let query, let environment):
            let bound = try QueryBinder(context: context, environment: environment).bind(query)
            return (bound.plan, bound.columns.map(\.column))
        }
    }
}

extension LogicalPlan {
    /// A chain of projections and filters over one table or literal rows: repeating it costs less than keeping its
    /// rows, since filters and unused columns of each reference are pushed into the scan.
    var isCheapToRepeat: Bool {
        switch self {
        case .scan, .sharedScan: true
        case .values(_, let rows): rows.count <= 100
        case .filter(let input, let predicate): predicate.isDeterministic && input.isCheapToRepeat
        case .project(let input, let assignments):
            assignments.allSatisfy(\.expression.isDeterministic) && input.isCheapToRepeat
        default: false
        }
    }

    /// The plan with exactly these output columns.
    func narrowed(to columns: [ColumnReference], context: BindingContext) -> LogicalPlan {
        if outputColumns == columns { return self }
        var seen: Set<ColumnReference> = []
        return .project(
            self,
            columns.map { column in
                if seen.insert(column).inserted { return Assignment(column, .column(column)) }
                return Assignment(context.columns.make(column.name, column.type), .column(column))
            })
    }
}
