import Expressions
import SQLTypes

/// Reads only those fields of struct columns that the query uses.
///
/// ```
/// Project[a.b.c]                     Project[a.b.c]
///   Scan[a row(b row(c, d), e)] ==>    Scan[a: only b.c]
/// ```
struct PruneNestedFields: OptimizerRule {
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        var hasStructs = false
        plan.forEachPlan { node in
            if case .scan(let scan) = node {
                for column in scan.columns { if case .row = column.reference.type { hasStructs = true } }
            }
        }
        guard hasStructs else { return nil }
        var uses = FieldUses()
        for column in plan.outputColumns { uses.whole.insert(column) }
        plan.forEachPlan { uses.add($0) }
        var isChanged = false
        let result = plan.rewrittenBottomUp { node in
            guard case .scan(var scan) = node, scan.provider == nil else { return nil }
            for index in scan.columns.indices where scan.columns[index].fields == nil {
                let column = scan.columns[index].reference
                guard case .row = column.type, case .data = scan.columns[index].source,
                    let paths = uses.paths(of: column), !paths.isEmpty
                else { continue }
                scan.columns[index].fields = paths
                isChanged = true
            }
            return .scan(scan)
        }
        return isChanged ? result : nil
    }
}

private struct FieldUses {
    /// Columns of which the whole value is used somewhere.
    var whole: Set<ColumnReference> = []
    var fields: [ColumnReference: Set<[String]>] = [:]
    /// Columns that are other names of a column.
    var aliases: [ColumnReference: Set<ColumnReference>] = [:]

    mutating func add(_ node: LogicalPlan) {
        switch node {
        case .project(_, let assignments):
            for assignment in assignments {
                if let source = assignment.expression.asColumn {
                    if source != assignment.column { aliases[source, default: []].insert(assignment.column) }
                } else {
                    add(assignment.expression)
                }
            }
        case .scan, .values, .filter, .tableFunction: for expression in node.expressions { add(expression) }
        case .join(let join):
            add(join.residual)
            for equality in join.equalities {
                whole.insert(equality.left)
                whole.insert(equality.right)
            }
        case .unnest(let unnest): whole.formUnion(unnest.items.map(\.column))
        case .shared(_, let definition, _): whole.formUnion(definition.outputColumns)
        case .recursive(_, _, let base, let step, _):
            whole.formUnion(base.outputColumns)
            whole.formUnion(step.outputColumns)
        case .aggregate, .dependentJoin, .sort, .topN, .union, .window, .limit, .enforceSingleRow, .assignUniqueID,
            .sample, .sharedScan:
            whole.formUnion(node.columnsRead)
        }
    }

    private mutating func add(_ expression: BoundExpression) {
        switch expression {
        case .column(let column): whole.insert(column)
        case .field:
            if let (column, path) = Self.path(expression) {
                fields[column, default: []].insert(path)
            } else {
                for child in expression.children { add(child) }
            }
        // Whether a struct is NULL is known only with all its fields.
        default: for child in expression.children { add(child) }
        }
    }

    private static func path(_ expression: BoundExpression) -> (ColumnReference, [String])? {
        guard case .field(let inner, let index, _) = expression, case .row(let fields) = inner.type,
            fields.indices.contains(index), let name = fields[index].name?.lowercased()
        else { return nil }
        if let column = inner.asColumn { return (column, [name]) }
        guard let (column, path) = path(inner) else { return nil }
        return (column, path + [name])
    }

    /// The paths that are used of a column; nil when all of it is.
    func paths(of column: ColumnReference) -> [[String]]? {
        if whole.contains(column) { return nil }
        var result = fields[column] ?? []
        for alias in aliases[column] ?? [] {
            guard let paths = paths(of: alias) else { return nil }
            result.formUnion(paths)
        }
        // A path below another one is read with it.
        return result.filter { path in
            !result.contains { other in other.count < path.count && Array(path.prefix(other.count)) == other }
        }.sorted { $0.joined(separator: ".") < $1.joined(separator: ".") }
    }
}
