import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// Binds UNION, INTERSECT and EXCEPT.
///
/// ```
/// a INTERSECT b EXCEPT c   Filter[n1 > 0 AND n2 = 0]           INTERSECT ALL, EXCEPT ALL: the same marks, counted by
///                            Aggregate[columns; n = count(m)]  windows over all columns, and as many rows kept as
///                              Union[a + marks, b + marks]     the counts say (by row_number)
/// ```
struct SetOperationBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    func bind(_ operation: SetOperation) throws -> BoundQuery {
        let binder = QueryBinder(context: context, environment: environment)
        var operands = try operation.operands.map { try binder.bind($0) }
        try unify(&operands, operation)
        switch (operation.operation, operation.isDistinct) {
        case (.union, false): return union(operands)
        case (.union, true): return distinct(union(operands))
        case (.intersect, true), (.except, true): return try marked(operands, operation.operation, isAll: false)
        case (.intersect, false), (.except, false):
            var result = operands[0]
            for operand in operands.dropFirst() {
                result = try marked([result, operand], operation.operation, isAll: true)
            }
            return result
        }
    }

    /// Brings column i of all operands to one type.
    private func unify(_ operands: inout [BoundQuery], _ operation: SetOperation) throws {
        let name = operation.operation.rawValue
        let count = operands[0].columns.count
        for operand in operands where operand.columns.count != count {
            throw QueryError(
                .typeMismatch,
                "\(name) query has different number of fields: \(count), \(operand.columns.count)",
                at: operation.position)
        }
        var types: [DataType] = []
        for index in 0..<count {
            var common = operands[0].columns[index].column.type
            for operand in operands.dropFirst() {
                let type = operand.columns[index].column.type
                guard let next = TypeCoercion.commonSuperType(common, type) else {
                    throw QueryError(
                        .typeMismatch,
                        "column \(index + 1) in \(name) query has incompatible types: \(common.displayName), \(type.displayName)",
                        at: operation.position)
                }
                common = next
            }
            if operation.isDistinct || operation.operation != .union, !common.isComparable {
                throw QueryError(
                    .typeMismatch,
                    "Type \(common.displayName) is not comparable and therefore cannot be used in \(name)\(operation.isDistinct ? " DISTINCT" : " ALL")",
                    at: operation.position)
            }
            types.append(common)
        }
        for index in operands.indices {
            var builder = PlanBuilder(operands[index].plan, context: context)
            let columns = builder.compute(
                zip(operands[index].columns, types).map {
                    Coercion(context: context).coerce(.column($0.column), to: $1)
                })
            operands[index].plan = builder.plan
            for position in columns.indices { operands[index].columns[position].column = columns[position] }
        }
    }

    private func union(_ operands: [BoundQuery]) -> BoundQuery {
        let outputs = operands[0].columns.map { output in
            context.columns.make(output.name ?? output.column.name, output.column.type)
        }
        let plan = LogicalPlan.union(
            Union(
                inputs: operands.map(\.plan), columns: outputs,
                inputColumns: operands.map { $0.columns.map(\.column) }))
        return BoundQuery(
            plan: plan,
            columns: zip(operands[0].columns, outputs).map { BoundQuery.Output(name: $0.name, column: $1) })
    }

    private func distinct(_ query: BoundQuery) -> BoundQuery {
        var result = query
        result.plan = .aggregate(Aggregate(input: query.plan, keys: query.columns.map(\.column), calls: []))
        return result
    }

    // MARK: INTERSECT, EXCEPT

    private func marked(
        _ operands: [BoundQuery], _ operation: SetOperation.Operator, isAll: Bool
    ) throws -> BoundQuery {
        var inputs: [BoundQuery] = []
        for index in operands.indices {
            let marks = operands.indices.map { other -> BoundExpression in
                other == index ? .true : .null(.boolean)
            }
            let marksColumns = marks.indices.map { context.columns.make("mark\($0)", .boolean) }
            let operand = operands[index]
            // A column may stand twice in the list: every position gets its own.
            let copies = operand.columns.map { context.columns.make($0.name ?? "_col", $0.column.type) }
            let assignments =
                zip(copies, operand.columns).map { Assignment($0, .column($1.column)) }
                + zip(marksColumns, marks).map { Assignment($0, $1) }
            inputs.append(
                BoundQuery(
                    plan: .project(operand.plan, assignments),
                    columns: zip(operand.columns, copies).map { BoundQuery.Output(name: $0.name, column: $1) }
                        + marksColumns.map { BoundQuery.Output(name: nil, column: $0) }))
        }
        let all = union(inputs)
        let width = operands[0].columns.count
        let keys = all.columns.prefix(width).map(\.column)
        let marks = all.columns.dropFirst(width).map(\.column)
        let (function, signature) = try context.functions.resolveAggregate(name: "count", argumentTypes: [.boolean])
        let counts = marks.indices.map { context.columns.make("count\($0 - marks.startIndex)", .bigint) }
        var builder: PlanBuilder
        if isAll {
            builder = PlanBuilder(
                try windows(all.plan, keys, marks, counts, function, signature), context: context)
            let rowNumber = builder.plan.outputColumns[builder.plan.outputColumns.count - 1]
            builder.filter(try keptRows(operation, .column(rowNumber), counts))
        } else {
            let calls = zip(counts, marks).map {
                AggregateCall(output: $0, function: function, signature: signature, arguments: [.column($1)])
            }
            builder = PlanBuilder(
                .aggregate(Aggregate(input: all.plan, keys: Array(keys), calls: calls)), context: context)
            builder.filter(
                .conjunction(
                    counts.enumerated().map { index, count in
                        let isWanted = index == 0 || operation == .intersect
                        return .comparison(
                            isWanted ? .greater : .equal, .column(count), .constant(.int(0), .bigint))
                    }))
        }
        return BoundQuery(
            plan: builder.plan.projected(to: Array(keys)), columns: Array(all.columns.prefix(width)))
    }

    /// Counts of every mark, and the row's number, among rows that are equal in all columns.
    private func windows(
        _ plan: LogicalPlan, _ keys: [ColumnReference], _ marks: [ColumnReference], _ counts: [ColumnReference],
        _ function: AggregateFunction, _ signature: ResolvedSignature
    ) throws -> LogicalPlan {
        let (rowNumber, rowSignature) = try context.functions.resolveWindow(name: "row_number", argumentTypes: [])
        let whole = WindowFrame(unit: .rows, start: .unboundedPreceding, end: .unboundedFollowing)
        let calls =
            zip(counts, marks).map {
                WindowCall(
                    output: $0, function: .aggregate(function), signature: signature, arguments: [.column($1)],
                    frame: whole)
            }
            + [
                WindowCall(
                    output: context.columns.make("row_number", .bigint), function: .window(rowNumber),
                    signature: rowSignature, arguments: [])
            ]
        return .window(Window(input: plan, partitionBy: keys, orderBy: [], calls: calls))
    }

    /// INTERSECT ALL keeps min(n0, n1) of equal rows, EXCEPT ALL n0 - n1.
    private func keptRows(
        _ operation: SetOperation.Operator, _ rowNumber: BoundExpression, _ counts: [ColumnReference]
    ) throws -> BoundExpression {
        if operation == .intersect {
            return .conjunction(counts.map { .comparison(.lessOrEqual, rowNumber, .column($0)) })
        }
        let (function, signature) = try context.functions.resolveScalar(
            name: "$subtract", argumentTypes: [.bigint, .bigint])
        let difference = BoundExpression.call(
            Expressions.FunctionCall(
                function: function, signature: signature, arguments: [.column(counts[0]), .column(counts[1])]))
        return .comparison(.lessOrEqual, rowNumber, difference)
    }
}
