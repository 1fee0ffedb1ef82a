import Expressions
import Functions
import SQLTypes

/// A plan node in words: its name, and its details as lines. Every form of EXPLAIN prints these.
public struct PlanNodeText: Sendable {
    /// `InnerJoin`, `TableScan`.
    public var name: String
    /// What stands in brackets after the name.
    public var descriptor: [(key: String, value: String)]
    /// Further lines: assignments, aggregate and window calls.
    public var details: [String]

    public init(_ plan: LogicalPlan) {
        name = ""
        descriptor = []
        details = []
        switch plan {
        case .scan(let scan): describe(scan)
        case .values(let columns, let rows):
            name = "Values"
            if columns.isEmpty { descriptor = [("rows", String(rows.count))] }
            let shown = 20
            if !columns.isEmpty {
                details = rows.prefix(shown).map { "(\($0.map(BoundExpressionText.print).joined(separator: ", ")))" }
            }
            if rows.count > shown { details.append("... \(rows.count - shown) more rows") }
        case .filter(_, let predicate):
            name = "Filter"
            descriptor = [("filterPredicate", BoundExpressionText.print(predicate))]
        case .project(_, let assignments):
            name = "Project"
            details = assignments.compactMap { assignment in
                if case .column(let column) = assignment.expression, column == assignment.column { return nil }
                return "\(assignment.column.name) := \(BoundExpressionText.print(assignment.expression))"
            }
        case .aggregate(let aggregate): describe(aggregate)
        case .join(let join): describe(join)
        case .dependentJoin(let join): describe(join)
        case .sort(_, let keys):
            name = "Sort"
            descriptor = [("orderBy", Self.order(keys))]
        case .topN(_, let keys, let count, let offset, let withTies):
            name = withTies ? "TopNRanking" : "TopN"
            descriptor = [("count", String(count)), ("orderBy", Self.order(keys))]
            if offset > 0 { descriptor.append(("offset", String(offset))) }
        case .limit(_, let count, let offset):
            name = count == nil ? "Offset" : "Limit"
            if let count { descriptor.append(("count", String(count))) }
            if offset > 0 { descriptor.append(("offset", String(offset))) }
        case .union: name = "Union"
        case .window(let window): describe(window)
        case .unnest(let unnest):
            name = unnest.keepsEmpty ? "LeftUnnest" : "Unnest"
            descriptor = [
                ("replicate", Self.names(unnest.passThrough)), ("unnest", Self.names(unnest.items.map(\.column))),
            ]
            if let ordinality = unnest.ordinality { descriptor.append(("ordinality", ordinality.name)) }
        case .enforceSingleRow: name = "EnforceSingleRow"
        case .assignUniqueID(_, let column):
            name = "AssignUniqueId"
            descriptor = [("column", column.name)]
        case .sample(_, let fraction):
            name = "Sample"
            descriptor = [("ratio", ValueText.print(.double(fraction), .double))]
        case .shared(let id, _, _):
            name = "Shared"
            descriptor = [("id", String(id))]
        case .sharedScan(let id, _):
            name = "SharedScan"
            descriptor = [("id", String(id))]
        case .recursive(let id, _, _, _, let maxDepth):
            name = "RecursiveUnion"
            descriptor = [("id", String(id)), ("maxDepth", String(maxDepth))]
        case .tableFunction(let function, let arguments, _):
            name = "TableFunction"
            descriptor = [
                ("name", function), ("arguments", arguments.map(BoundExpressionText.print).joined(separator: ", ")),
            ]
        }
    }

    /// `Name[key = value, ...]`.
    public var title: String {
        if descriptor.isEmpty { return name }
        return name + "[" + descriptor.map { "\($0.key) = \($0.value)" }.joined(separator: ", ") + "]"
    }

    /// `[a:bigint, b:varchar]`.
    public static func layout(_ plan: LogicalPlan) -> String {
        "[" + plan.outputColumns.map { "\($0.name):\($0.type.displayName)" }.joined(separator: ", ") + "]"
    }

    // MARK: Nodes

    private mutating func describe(_ scan: TableScan) {
        name = scan.filter.isEmpty ? "TableScan" : "ScanFilter"
        descriptor = [("table", "\(scan.table.database).\(scan.table.name)")]
        if !scan.filter.isEmpty {
            descriptor.append(("filterPredicate", BoundExpressionText.print(.conjunction(scan.filter))))
        }
        if let partitions = scan.partitions, !scan.table.partitionKeys.isEmpty {
            descriptor.append(("partitions", String(partitions.count)))
        }
        details = scan.columns.map { column in
            let source: String
            switch column.source {
            case .data(let index):
                let columns = scan.table.storage.columns
                source = index < columns.count ? columns[index].name : "#\(index)"
            case .partitionKey(let index):
                let keys = scan.table.partitionKeys
                source = (index < keys.count ? keys[index].name : "#\(index)") + ":PARTITION_KEY"
            case .hidden(let hidden): source = "\"\(hidden)\""
            }
            let fields = column.fields.map { paths in
                "{" + paths.map { $0.joined(separator: ".") }.joined(separator: ", ") + "}"
            }
            return "\(column.reference.name) := \(source)\(fields ?? "")"
        }
    }

    private mutating func describe(_ aggregate: Aggregate) {
        name = "Aggregate"
        if !aggregate.keys.isEmpty || aggregate.groupingSets != nil {
            descriptor = [("keys", Self.names(aggregate.keys))]
        }
        if let sets = aggregate.groupingSets {
            descriptor.append(
                (
                    "groupingSets",
                    "[" + sets.map { Self.names($0.map { aggregate.keys[$0] }) }.joined(separator: ", ") + "]"
                ))
        }
        details = aggregate.calls.map { call in
            "\(call.output.name) := "
                + Self.call(
                    call.function.name, call.arguments, isDistinct: call.isDistinct, filter: call.filter,
                    orderBy: call.orderBy)
        }
    }

    private mutating func describe(_ join: Join) {
        let words: [Join.Kind: String] = [
            .inner: "InnerJoin", .left: "LeftJoin", .right: "RightJoin", .full: "FullJoin", .cross: "CrossJoin",
            .semi: "SemiJoin", .anti: "AntiJoin", .mark: "MarkJoin",
        ]
        name = words[join.kind] ?? "Join"
        var criteria = join.equalities.map {
            "(\($0.left.name) \($0.isNullSafe ? "IS NOT DISTINCT FROM" : "=") \($0.right.name))"
        }
        if join.residual != .true { criteria.append(BoundExpressionText.print(join.residual)) }
        if !criteria.isEmpty { descriptor.append(("criteria", criteria.joined(separator: " AND "))) }
        if join.isNullAware { descriptor.append(("nullAware", "true")) }
        if let mark = join.markColumn { descriptor.append(("mark", mark.name)) }
        if let buildsLeft = join.buildsLeft { descriptor.append(("build", buildsLeft ? "left" : "right")) }
    }

    private mutating func describe(_ join: DependentJoin) {
        name = "DependentJoin"
        switch join.kind {
        case .inner: descriptor = [("kind", "inner")]
        case .left: descriptor = [("kind", "left")]
        case .scalar(let column): descriptor = [("kind", "scalar"), ("output", column.name)]
        case .exists(let column): descriptor = [("kind", "exists"), ("output", column.name)]
        case .inSet(let column, let value, let right):
            descriptor = [("kind", "\(value.name) IN \(right.name)"), ("output", column.name)]
        case .quantified(let column, let value, let right, let comparison, let isAll):
            descriptor = [
                ("kind", "\(value.name) \(comparison.rawValue) \(isAll ? "ALL" : "ANY") \(right.name)"),
                ("output", column.name),
            ]
        }
        if join.condition != .true { descriptor.append(("condition", BoundExpressionText.print(join.condition))) }
    }

    private mutating func describe(_ window: Window) {
        name = "Window"
        descriptor = [("partitionBy", Self.names(window.partitionBy))]
        if !window.orderBy.isEmpty { descriptor.append(("orderBy", Self.order(window.orderBy))) }
        details = window.calls.map { call in
            let function: String
            switch call.function {
            case .window(let window): function = window.name
            case .aggregate(let aggregate): function = aggregate.name
            }
            return "\(call.output.name) := "
                + Self.call(function, call.arguments, isDistinct: call.isDistinct, filter: call.filter, orderBy: [])
                + (call.ignoresNulls ? " IGNORE NULLS" : "") + " " + Self.frame(call.frame)
        }
    }

    // MARK: Parts

    static func names(_ columns: [ColumnReference]) -> String {
        "[" + columns.map(\.name).joined(separator: ", ") + "]"
    }

    static func order(_ keys: [SortKey]) -> String {
        "["
            + keys.map {
                "\($0.column.name) \($0.isAscending ? "ASC" : "DESC") NULLS \($0.nullsFirst ? "FIRST" : "LAST")"
            }
            .joined(separator: ", ") + "]"
    }

    static func call(
        _ name: String, _ arguments: [AggregateArgument], isDistinct: Bool, filter: ColumnReference?, orderBy: [SortKey]
    ) -> String {
        let shown = arguments.map { argument in
            switch argument {
            case .column(let column): column.name
            case .constant(let value, let type): BoundExpressionText.literal(value, type)
            case .lambda(let parameters, let body):
                BoundExpressionText.print(.lambda(parameters: parameters, body: body))
            }
        }
        var text = "\(name)(\(isDistinct ? "DISTINCT " : "")"
        text += arguments.isEmpty && name == "count" ? "*" : shown.joined(separator: ", ")
        if !orderBy.isEmpty { text += " ORDER BY " + order(orderBy) }
        text += ")"
        if let filter { text += " FILTER (WHERE \(filter.name))" }
        return text
    }

    static func frame(_ frame: WindowFrame) -> String {
        func bound(_ bound: WindowFrame.Bound) -> String {
            switch bound {
            case .unboundedPreceding: "UNBOUNDED PRECEDING"
            case .preceding(let column): "\(column.name) PRECEDING"
            case .currentRow: "CURRENT ROW"
            case .following(let column): "\(column.name) FOLLOWING"
            case .unboundedFollowing: "UNBOUNDED FOLLOWING"
            }
        }
        return "\(frame.unit.rawValue) \(bound(frame.start)) \(bound(frame.end))"
    }
}
