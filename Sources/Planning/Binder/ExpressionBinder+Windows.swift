import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// Calls with OVER: they become columns that a Window node above the clause's plan computes.
extension ExpressionBinder {
    /// A ranking or value function.
    func bindWindowFunction(
        _ syntax: SQLSyntax.FunctionCall, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression {
        guard let over = syntax.window else {
            throw QueryError(.missingOver, "Window function \(name) requires an OVER clause", at: position)
        }
        let inner = try windowBinder(Expression(.call(syntax), at: position))
        if syntax.isDistinct {
            throw QueryError(
                .notSupported, "DISTINCT in window function parameters not yet supported: \(name)", at: position)
        }
        if syntax.filter != nil {
            throw QueryError(.functionNotAggregate, "Filter is only valid for aggregation functions", at: position)
        }
        let arguments = try syntax.arguments.map(inner.bind)
        let resolved: (function: WindowFunction, signature: ResolvedSignature)
        do {
            resolved = try context.functions.resolveWindow(name: name, argumentTypes: arguments.map(\.type))
        } catch let error as QueryError {
            throw error.at(position)
        }
        if syntax.nullTreatment != nil, !resolved.function.kind.isValueFunction {
            throw QueryError(
                .nullTreatmentNotAllowed, "Cannot specify null treatment clause for \(name) function", at: position)
        }
        let specification = try windows.resolve(over)
        if resolved.function.kind.refusesFrame, specification.orderBy.isEmpty, resolved.function.kind.needsOrder {
            throw QueryError(
                .missingOrderBy, "\(name) function requires an ORDER BY window clause", at: position)
        }
        if resolved.function.kind.refusesFrame, let frame = specification.frame {
            throw QueryError(
                .invalidWindowFrame, "Cannot specify window frame for \(name) function", at: frame.position)
        }
        return try addWindow(
            specification, inner, name, .window(resolved.function), resolved.signature,
            zip(arguments, resolved.signature.arguments).map { coercion.coerce($0, to: $1) }, isDistinct: false,
            filter: nil, ignoresNulls: syntax.nullTreatment == .ignore)
    }

    /// An aggregate over a window.
    func bindWindowAggregate(
        _ syntax: SQLSyntax.FunctionCall, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression {
        let inner = try windowBinder(Expression(.call(syntax), at: position))
        guard let over = syntax.window else { return .null(.unknown) }
        if !syntax.orderBy.isEmpty {
            throw QueryError(
                .notSupported, "Window function with ORDER BY is not supported", at: position)
        }
        if syntax.nullTreatment != nil {
            throw QueryError(
                .nullTreatmentNotAllowed, "Cannot specify null treatment clause for \(name) function", at: position)
        }
        if syntax.isDistinct {
            throw QueryError(
                .notSupported, "DISTINCT in window function parameters not yet supported: \(name)", at: position)
        }
        if syntax.isStar, name != "count" {
            throw SignatureResolver.notRegistered("\(name)(*)", near: []).at(position)
        }
        let call = try inner.resolveAggregate(
            name, syntax.arguments, isDistinct: false, filter: syntax.filter, orderBy: [], at: position)
        return try addWindow(
            try windows.resolve(over), inner, name, .aggregate(call.function), call.signature, call.arguments,
            isDistinct: false, filter: call.filter, ignoresNulls: false)
    }

    /// The binder of arguments and window clauses, if window functions may stand here.
    private func windowBinder(_ call: Expression) throws -> ExpressionBinder {
        let position = call.position
        let name = ExpressionText.describe(call)
        switch enclosing {
        case .window:
            throw QueryError(
                .nestedWindow, "Cannot nest window functions or row pattern measures inside window specification",
                at: position)
        case .aggregate(let outer):
            throw QueryError(
                .nestedWindow,
                "Cannot nest window functions or row pattern measures inside aggregation '\(outer)': [\(name)]",
                at: stage.position ?? position)
        case .lambda:
            throw QueryError(
                .expressionNotScalar,
                "Lambda expression cannot contain aggregations, window functions or grouping operations: [\(name)]",
                at: position)
        case .clause: break
        }
        guard stage.allowsWindows else {
            if stage.aggregates != nil {
                throw QueryError(
                    .nestedWindow, "\(stage.clause) cannot contain window functions or row pattern measures",
                    at: stage.position ?? position)
            }
            throw QueryError(
                .expressionNotScalar,
                "\(stage.clause) cannot contain aggregations, window functions or grouping operations: [\(name)]",
                at: stage.position ?? position)
        }
        var inner = self
        inner.enclosing = .window
        return inner
    }

    private func addWindow(
        _ specification: WindowSpecification, _ inner: ExpressionBinder, _ name: String,
        _ function: WindowCall.Function, _ signature: ResolvedSignature, _ arguments: [BoundExpression],
        isDistinct: Bool, filter: BoundExpression?, ignoresNulls: Bool
    ) throws -> BoundExpression {
        let partitionBy = try specification.partitionBy.map { expression -> BoundExpression in
            let bound = try inner.bind(expression)
            guard bound.type.isComparable else {
                throw QueryError(
                    .typeMismatch,
                    "\(bound.type.displayName) is not comparable, and therefore cannot be used in window function PARTITION BY",
                    at: expression.position)
            }
            return bound
        }
        let orderBy = try specification.orderBy.map { item -> PendingWindow.Order in
            let bound = try inner.bind(item.expression)
            guard bound.type.isOrderable else {
                throw QueryError(
                    .typeMismatch,
                    "\(bound.type.displayName) is not orderable, and therefore cannot be used in window function ORDER BY",
                    at: item.position)
            }
            return PendingWindow.Order(
                expression: bound, isAscending: !item.isDescending, nullsFirst: item.hasNullsFirst)
        }
        let frame = try FrameBinder(binder: inner, orderBy: orderBy).bind(specification.frame)
        let output = context.columns.make(name, signature.result)
        stage.steps.append(
            .window(
                PendingWindow(
                    output: output, function: function, signature: signature, arguments: arguments,
                    isDistinct: isDistinct, filter: filter, ignoresNulls: ignoresNulls, partitionBy: partitionBy,
                    orderBy: orderBy, frame: frame)))
        return .column(output)
    }
}

extension WindowFunction.Kind {
    /// FIRST_VALUE and its family: they take IGNORE NULLS.
    var isValueFunction: Bool {
        switch self {
        case .firstValue, .lastValue, .nthValue, .lag, .lead: true
        case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .ntile: false
        }
    }

    /// LAG and LEAD look at the whole partition.
    var refusesFrame: Bool {
        switch self {
        case .lag, .lead: true
        default: false
        }
    }

    var needsOrder: Bool {
        switch self {
        case .lag, .lead: true
        default: false
        }
    }
}
