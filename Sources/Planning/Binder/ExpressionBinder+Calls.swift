import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// Function calls: decides between special forms, aggregates, window functions and scalar functions, and binds the
/// last with their lambdas.
extension ExpressionBinder {
    /// Athena's and Trino's limit.
    private static var maxArguments: Int { 127 }

    func bindCall(_ syntax: SQLSyntax.FunctionCall, at position: SourcePosition) throws -> BoundExpression {
        let name = syntax.name.last.canonical
        guard syntax.name.parts.count == 1 else {
            throw QueryError(.functionNotFound, "Function '\(syntax.name.displayName)' not registered", at: position)
        }
        guard syntax.processingMode == nil, syntax.starLabel == nil else {
            throw QueryError(.notSupported, "Row pattern functions are not supported", at: position)
        }
        guard syntax.arguments.count <= Self.maxArguments else {
            throw QueryError(.tooManyArguments, "Too many arguments for function call \(name)()", at: position)
        }
        // Operators and helpers are not called by name.
        if name.hasPrefix("$") { throw SignatureResolver.notRegistered(name, near: []).at(position) }
        if context.functions.windows[name] != nil { return try bindWindowFunction(syntax, name, at: position) }
        if context.functions.aggregates[name] != nil {
            return syntax.window == nil
                ? try bindAggregate(syntax, name, at: position) : try bindWindowAggregate(syntax, name, at: position)
        }
        if syntax.window != nil {
            guard context.functions.scalars[name] != nil else { throw notRegistered(name, at: position) }
            throw QueryError(.functionNotWindow, "Not a window function: \(name)", at: position)
        }
        if syntax.isDistinct {
            throw QueryError(
                .functionNotAggregate, "DISTINCT is not supported for non-aggregation functions", at: position)
        }
        if syntax.filter != nil {
            throw QueryError(.functionNotAggregate, "Filter is only valid for aggregation functions", at: position)
        }
        if !syntax.orderBy.isEmpty {
            throw QueryError(.functionNotAggregate, "ORDER BY is only valid for aggregation functions", at: position)
        }
        if syntax.nullTreatment != nil {
            throw QueryError(
                .nullTreatmentNotAllowed, "Cannot specify null treatment clause for non-window function", at: position)
        }
        if syntax.isStar { throw SignatureResolver.notRegistered(name + "(*)", near: []).at(position) }
        if let special = try bindConditionalCall(syntax, name, at: position) { return special }
        guard context.functions.scalars[name] != nil else { throw notRegistered(name, at: position) }
        return try bindScalar(syntax, name, at: position)
    }

    private func notRegistered(_ name: String, at position: SourcePosition) -> QueryError {
        SignatureResolver.notRegistered(name, near: context.functions.nearNames(name)).at(position)
    }

    private func bindScalar(
        _ syntax: SQLSyntax.FunctionCall, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression {
        let arguments = try bindArguments(syntax.arguments)
        if arguments.allSatisfy({ $0.bound != nil }) {
            return try call(name, arguments.compactMap(\.bound), at: position)
        }
        do {
            var pending = try context.functions.beginScalar(name: name, arguments: arguments.map(\.shape))
            let lambdas = try bindLambdas(arguments, &pending)
            let signature = try pending.complete()
            return .call(
                Expressions.FunctionCall(
                    function: pending.function, signature: signature,
                    arguments: finish(arguments, lambdas, signature), position: position))
        } catch let error as QueryError {
            throw error.at(position)
        }
    }

    // MARK: Arguments with lambdas

    /// An argument: bound, or a lambda that waits for the types of its parameters.
    struct Argument {
        var bound: BoundExpression?
        var parameters: [Identifier] = []
        var body: Expression?

        var shape: ArgumentShape {
            bound.map { .type($0.type) } ?? .lambda(parameterCount: parameters.count)
        }
    }

    func bindArguments(_ syntax: [Expression]) throws -> [Argument] {
        try syntax.map { expression in
            if case .lambda(let parameters, let body) = expression.kind {
                return Argument(bound: nil, parameters: parameters, body: body)
            }
            return Argument(bound: try bind(expression))
        }
    }

    /// Binds the lambdas with the parameter types that the other arguments give; again, when a body widens a type.
    func bindLambdas<Function>(
        _ arguments: [Argument], _ pending: inout PendingCall<Function>
    ) throws -> [Int: BoundExpression] {
        // Widening ends: there are few types above any type.
        let maxRounds = 10
        for _ in 0..<maxRounds {
            var bound: [Int: BoundExpression] = [:]
            var mustRepeat = false
            for index in pending.lambdaIndices {
                let types = try pending.lambdaParameterTypes(at: index)
                let lambda = try bindLambda(arguments[index], types)
                bound[index] = lambda
                guard case .lambda(_, let body) = lambda else { continue }
                if try pending.bindLambda(at: index, returning: body.type) { mustRepeat = true }
            }
            if !mustRepeat { return bound }
        }
        throw QueryError(.typeMismatch, "The types of a lambda expression cannot be determined")
    }

    private func bindLambda(_ argument: Argument, _ types: [DataType]) throws -> BoundExpression {
        guard let body = argument.body else { return .null(.unknown) }
        var names: [String: ColumnReference] = [:]
        var parameters: [ColumnReference] = []
        for (name, type) in zip(argument.parameters, types) {
            let column = context.columns.make(name.value, type)
            names[name.canonical] = column
            parameters.append(column)
        }
        var inner = self
        inner.lambdas.append(names)
        inner.enclosing = .lambda
        return .lambda(parameters: parameters, body: try inner.bind(body))
    }

    /// Arguments as the call takes them: converted, and lambda bodies too.
    func finish(
        _ arguments: [Argument], _ lambdas: [Int: BoundExpression], _ signature: ResolvedSignature
    ) -> [BoundExpression] {
        arguments.indices.map { index in
            if let bound = arguments[index].bound { return coercion.coerce(bound, to: signature.arguments[index]) }
            guard case .lambda(let parameters, let body)? = lambdas[index],
                case .function(_, let result) = signature.arguments[index]
            else { return .null(.unknown) }
            return .lambda(parameters: parameters, body: coercion.coerce(body, to: result))
        }
    }
}
