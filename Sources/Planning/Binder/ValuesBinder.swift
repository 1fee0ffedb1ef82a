import Expressions
import SQLSyntax
import SQLTypes

/// Binds VALUES. Rows of plain expressions are one Values node; rows that read an enclosing query's columns or hold
/// subqueries are projections of single rows, united.
struct ValuesBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    func bind(_ syntax: [Expression]) throws -> BoundQuery {
        let stages = syntax.map { _ in Stage(clause: "VALUES") }
        var rows: [[BoundExpression]] = []
        for (row, stage) in zip(syntax, stages) {
            let binder = ExpressionBinder(
                context: context, environment: environment, scope: Scope([], parent: environment.outer), stage: stage)
            if case .row(let fields) = row.kind {
                rows.append(try fields.map(binder.bind))
            } else {
                let bound = try binder.bind(row)
                if case .row(let fields) = bound.type {
                    rows.append(fields.enumerated().map { .field(bound, index: $0, type: $1.type) })
                } else {
                    rows.append([bound])
                }
            }
        }
        let width = rows.first?.count ?? 0
        for (index, row) in rows.enumerated() where row.count != width {
            throw QueryError(
                .typeMismatch,
                "Values rows have mismatched sizes: \(width) vs \(row.count)", at: syntax[index].position)
        }
        var columns: [ColumnReference] = []
        for column in 0..<width {
            var common = DataType.unknown
            for (index, row) in rows.enumerated() {
                guard let next = TypeCoercion.commonSuperType(common, row[column].type) else {
                    throw QueryError(
                        .typeMismatch,
                        "Values rows have mismatched types: \(common.displayName) vs \(row[column].type.displayName)",
                        at: syntax[index].position)
                }
                common = next
            }
            columns.append(context.columns.make("_col\(column)", common))
        }
        let coercion = Coercion(context: context)
        let converted = rows.map { row in zip(row, columns).map { coercion.coerce($0, to: $1.type) } }
        let outputs = columns.map { BoundQuery.Output(name: nil, column: $0) }
        let isPlain =
            stages.allSatisfy(\.steps.isEmpty) && converted.allSatisfy { $0.allSatisfy { $0.columns.isEmpty } }
        if isPlain { return BoundQuery(plan: .values(columns: columns, rows: converted), columns: outputs) }
        var inputs: [LogicalPlan] = []
        var inputColumns: [[ColumnReference]] = []
        for (row, stage) in zip(converted, stages) {
            var builder = PlanBuilder(.values(columns: [], rows: [[]]), context: context)
            builder.attach(stage.steps)
            let own = columns.map { context.columns.make($0.name, $0.type) }
            inputs.append(.project(builder.plan, zip(own, row).map { Assignment($0, $1) }))
            inputColumns.append(own)
        }
        return BoundQuery(
            plan: .union(Union(inputs: inputs, columns: columns, inputColumns: inputColumns)), columns: outputs)
    }
}
