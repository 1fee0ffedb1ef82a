import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// Aggregates without OVER, LISTAGG and GROUPING: they become columns of the clause's `AggregateCollector`.
extension ExpressionBinder {
    func bindAggregate(
        _ syntax: SQLSyntax.FunctionCall, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression {
        let collector = try requireAggregates(Expression(.call(syntax), at: position))
        if syntax.nullTreatment != nil {
            throw QueryError(
                .nullTreatmentNotAllowed, "Cannot specify null treatment clause for non-window function", at: position)
        }
        let inner = argumentBinder(name, collector, at: position)
        if syntax.isStar, name != "count" {
            throw SignatureResolver.notRegistered("\(name)(*)", near: []).at(position)
        }
        let call = try inner.resolveAggregate(
            name, syntax.arguments, isDistinct: syntax.isDistinct, filter: syntax.filter, orderBy: syntax.orderBy,
            at: position)
        return add(call, to: collector)
    }

    func bindListAggregate(_ syntax: ListAggregate, at position: SourcePosition) throws -> BoundExpression {
        let collector = try requireAggregates(Expression(.listagg(syntax), at: position))
        let inner = argumentBinder("listagg", collector, at: position)
        var fails = true
        var filler = "..."
        var showsCount = false
        if case .truncate(let written, let withCount)? = syntax.overflow {
            fails = false
            filler = written ?? filler
            showsCount = withCount
        }
        let arguments = [
            syntax.value, Expression(.string(syntax.separator ?? ""), at: position),
            Expression(.boolean(fails), at: position), Expression(.string(filler), at: position),
            Expression(.boolean(showsCount), at: position),
        ]
        let call = try inner.resolveAggregate(
            "listagg", arguments, isDistinct: syntax.quantifier == .distinct, filter: syntax.filter,
            orderBy: syntax.orderBy, at: position)
        return add(call, to: collector)
    }

    func bindGrouping(_ names: [QualifiedName], at position: SourcePosition) throws -> BoundExpression {
        let collector = try requireAggregates(Expression(.grouping(names), at: position))
        var inner = self
        inner.aliases = nil
        let arguments = try names.map { name -> BoundExpression in
            var node = Expression(.identifier(name.parts[0]), at: name.position)
            for part in name.parts.dropFirst() { node = Expression(.dereference(node, part), at: name.position) }
            return try inner.bind(node)
        }
        guard arguments.count <= 63 else {
            throw QueryError(.tooManyArguments, "GROUPING supports up to 63 column arguments", at: position)
        }
        let output = context.columns.make("grouping", arguments.count <= 31 ? .integer : .bigint)
        collector.groupingCalls.append(
            AggregateCollector.GroupingCall(
                output: output, arguments: arguments, names: names.map(\.displayName), position: position))
        return .column(output)
    }

    /// Aggregates as they may stand here.
    private func requireAggregates(_ call: Expression) throws -> AggregateCollector {
        let position = call.position
        let name = ExpressionText.describe(call)
        switch enclosing {
        case .lambda:
            throw QueryError(
                .expressionNotScalar,
                "Lambda expression cannot contain aggregations, window functions or grouping operations: [\(name)]",
                at: position)
        case .aggregate(let outer):
            throw QueryError(
                .nestedAggregation, "Cannot nest aggregations inside aggregation '\(outer)': [\(name)]",
                at: stage.position ?? position)
        case .clause, .window: break
        }
        guard let collector = stage.aggregates else {
            throw QueryError(
                .expressionNotScalar,
                "\(stage.clause) cannot contain aggregations, window functions or grouping operations: [\(name)]",
                at: stage.position ?? position)
        }
        return collector
    }

    /// Arguments are computed below the aggregation, over FROM's columns alone.
    private func argumentBinder(
        _ name: String, _ collector: AggregateCollector, at position: SourcePosition
    ) -> ExpressionBinder {
        collector.inputs.position = position
        var inner = ExpressionBinder(
            context: context, environment: environment, scope: scope, stage: collector.inputs)
        inner.enclosing = .aggregate(name: name)
        return inner
    }

    private func add(_ call: AggregateCollector.Call, to collector: AggregateCollector) -> BoundExpression {
        if let known = collector.existing(like: call) { return .column(known) }
        collector.add(call)
        return .column(call.output)
    }

    /// Resolves an aggregate over arguments that this binder binds.
    func resolveAggregate(
        _ name: String, _ syntax: [Expression], isDistinct: Bool, filter: Expression?, orderBy: [SortItem],
        at position: SourcePosition
    ) throws -> AggregateCollector.Call {
        let arguments = try bindArguments(syntax)
        let pending: PendingCall<AggregateFunction>
        let signature: ResolvedSignature
        var lambdas: [Int: BoundExpression] = [:]
        do {
            var call = try context.functions.beginAggregate(name: name, arguments: arguments.map(\.shape))
            lambdas = try bindLambdas(arguments, &call)
            signature = try call.complete()
            pending = call
        } catch let error as QueryError {
            throw error.at(position)
        }
        if isDistinct {
            guard !arguments.isEmpty else {
                throw QueryError(
                    .functionNotFound, "DISTINCT is not supported without arguments: \(name)", at: position)
            }
            for type in signature.arguments where !type.isComparable {
                throw QueryError(
                    .typeMismatch,
                    "DISTINCT can only be applied to comparable types (actual: \(type.displayName))", at: position)
            }
        }
        let sortKeys = try orderBy.map { item in
            try Ordering.none.key(try bind(item.expression), item)
        }
        let bound = finish(arguments, lambdas, signature)
        if isDistinct {
            for (key, item) in zip(sortKeys, orderBy) where !bound.contains(key.expression) {
                throw QueryError(
                    .expressionNotInDistinct,
                    "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments",
                    at: item.position)
            }
        }
        let predicate = try filter.map { condition in
            try bindCondition(condition, clause: "Filter expression")
        }
        return AggregateCollector.Call(
            output: context.columns.make(name, signature.result), function: pending.function, signature: signature,
            arguments: bound, isDistinct: isDistinct && !Self.ignoresDuplicates(name), filter: predicate,
            orderBy: pending.function.isOrderInsensitive ? [] : sortKeys)
    }

    /// DISTINCT changes nothing in these.
    private static func ignoresDuplicates(_ name: String) -> Bool {
        ["min", "max", "bool_and", "bool_or", "every", "arbitrary", "any_value", "approx_distinct"].contains(name)
    }
}
