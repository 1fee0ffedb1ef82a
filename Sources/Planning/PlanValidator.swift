import Expressions
import Functions
import SQLTypes

/// Checks what every rule must keep: columns that a node reads come out of its inputs, operands have the types their
/// operators need, and after unnesting no dependent join is left. Run after every rule in tests and debug builds.
public struct PlanValidator {
    public var allowsDependentJoins: Bool

    public init(allowsDependentJoins: Bool) { self.allowsDependentJoins = allowsDependentJoins }

    /// - Throws: GENERIC_INTERNAL_ERROR that names the node and column.
    public func validate(_ query: QueryPlan) throws {
        try validate(query.plan, outer: [], shared: [:])
        let available = Set(query.plan.outputColumns)
        for output in query.outputs where !available.contains(output.column) {
            throw failure("The output \(output.name) reads a column that does not come out", query.plan)
        }
    }

    /// `outer`: columns of enclosing dependent joins. `shared`: column counts of definitions in view.
    private func validate(_ plan: LogicalPlan, outer: Set<ColumnReference>, shared: [Int: Int]) throws {
        var available = outer
        for input in plan.inputs { available.formUnion(input.outputColumns) }
        if case .scan(let scan) = plan { available.formUnion(scan.columns.map(\.reference)) }
        for column in plan.readColumns where !available.contains(column) {
            throw failure("Column \(column.name)#\(column.id) does not come out of the inputs", plan)
        }
        for expression in plan.expressions { try check(expression, plan) }
        let outputs = plan.outputColumns
        guard Set(outputs).count == outputs.count else {
            throw failure("A column comes out twice", plan)
        }
        try checkNode(plan, shared)
        switch plan {
        case .dependentJoin(let join):
            guard allowsDependentJoins else { throw failure("A dependent join is left", plan) }
            try validate(join.left, outer: outer, shared: shared)
            try validate(join.right, outer: outer.union(join.left.outputColumns), shared: shared)
        case .shared(let id, let definition, let body):
            try validate(definition, outer: outer, shared: shared)
            var inner = shared
            inner[id] = definition.outputColumns.count
            try validate(body, outer: outer, shared: inner)
        case .recursive(let id, let columns, let base, let step, _):
            try validate(base, outer: outer, shared: shared)
            var inner = shared
            inner[id] = columns.count
            try validate(step, outer: outer, shared: inner)
        default:
            for input in plan.inputs { try validate(input, outer: outer, shared: shared) }
        }
    }

    private func checkNode(_ plan: LogicalPlan, _ shared: [Int: Int]) throws {
        switch plan {
        case .project(_, let assignments):
            for assignment in assignments where assignment.column.type != assignment.expression.type {
                throw failure(
                    "\(assignment.column.name) has type \(assignment.column.type) but its expression \(assignment.expression.type)",
                    plan)
            }
        case .filter(_, let predicate):
            guard predicate.type == .boolean else { throw failure("The predicate is not boolean", plan) }
        case .values(let columns, let rows):
            for row in rows {
                guard row.count == columns.count else { throw failure("A row has another width", plan) }
                for (column, value) in zip(columns, row) where column.type != value.type {
                    throw failure("\(column.name) has type \(column.type) but a value \(value.type)", plan)
                }
            }
        case .join(let join):
            for equality in join.equalities where equality.left.type != equality.right.type {
                throw failure("\(equality.left.name) and \(equality.right.name) have different types", plan)
            }
            let left = Set(join.left.outputColumns)
            let right = Set(join.right.outputColumns)
            for equality in join.equalities
            where !left.contains(equality.left) || !right.contains(equality.right) {
                throw failure("\(equality.left.name) = \(equality.right.name) has its sides exchanged", plan)
            }
        case .union(let union):
            for (input, columns) in zip(union.inputs, union.inputColumns) {
                guard columns.count == union.columns.count else { throw failure("An input has another width", plan) }
                let available = Set(input.outputColumns)
                for (column, output) in zip(columns, union.columns) {
                    guard column.type == output.type else {
                        throw failure("\(output.name) has type \(output.type) but an input \(column.type)", plan)
                    }
                    guard available.contains(column) else { throw failure("\(column.name) is of another input", plan) }
                }
            }
        case .aggregate(let aggregate):
            for call in aggregate.calls { try check(call.arguments, call.signature, call.output, plan) }
        case .window(let window):
            for call in window.calls { try check(call.arguments, call.signature, call.output, plan) }
        case .sharedScan(let id, let columns):
            guard let width = shared[id] else { throw failure("There is no definition \(id)", plan) }
            guard width == columns.count else { throw failure("The definition has \(width) columns", plan) }
        case .recursive(_, let columns, let base, let step, _):
            for input in [base, step] where input.outputColumns.map(\.type) != columns.map(\.type) {
                throw failure("Base or step give other types than the recursion", plan)
            }
        default: break
        }
    }

    private func check(
        _ arguments: [AggregateArgument], _ signature: ResolvedSignature, _ output: ColumnReference, _ plan: LogicalPlan
    ) throws {
        guard output.type == signature.result, arguments.count == signature.arguments.count else {
            throw failure("\(output.name) does not fit its signature", plan)
        }
        for (argument, type) in zip(arguments, signature.arguments) {
            let actual: DataType
            switch argument {
            case .column(let column): actual = column.type
            case .constant(_, let constant): actual = constant
            case .lambda(let parameters, let body):
                actual = .function(parameters: parameters.map(\.type), result: body.type)
            }
            guard actual == type else {
                throw failure("\(output.name) has an argument \(actual), wanted \(type)", plan)
            }
        }
    }

    /// Types of operands, in the whole tree.
    private func check(_ expression: BoundExpression, _ plan: LogicalPlan) throws {
        var problem: String?
        expression.forEachNode { node in
            guard problem == nil else { return }
            switch node {
            case .comparison(let op, let left, let right) where left.type != right.type:
                problem = "\(left.type) \(op.rawValue) \(right.type)"
            case .call(let call):
                let types = call.arguments.map(\.type)
                if types != call.signature.arguments {
                    problem = "\(call.function.name)(\(types)) is called as (\(call.signature.arguments))"
                }
            case .and(let terms), .or(let terms):
                if terms.contains(where: { $0.type != .boolean }) { problem = "a term is not boolean" }
            case .not(let inner) where inner.type != .boolean: problem = "NOT of \(inner.type)"
            case .inList(let value, let list):
                if list.contains(where: { $0.type != value.type }) { problem = "IN list of other types" }
            case .caseWhen(let branches, let otherwise, let type):
                if otherwise.type != type || branches.contains(where: { $0.result.type != type }) {
                    problem = "CASE with results of other types"
                }
            case .coalesce(let terms, let type):
                if terms.contains(where: { $0.type != type }) { problem = "COALESCE of other types" }
            default: break
            }
        }
        if let problem { throw failure("Types differ: \(problem) in \(BoundExpressionText.print(expression))", plan) }
    }

    private func failure(_ message: String, _ plan: LogicalPlan) -> QueryError {
        QueryError(.genericInternalError, "Invalid plan: \(message) (\(PlanNodeText(plan).title))")
    }
}
