import SQLTypes

extension FunctionRegistry {
    /// The overload of scalar function `name` for these argument types, and its types after coercion.
    ///
    /// Raises FUNCTION_NOT_FOUND (TYPE_MISMATCH for operators) without a position: the binder adds it with `at`.
    public func resolveScalar(
        name: String, argumentTypes: [DataType]
    ) throws -> (function: ScalarFunction, signature: ResolvedSignature) {
        let call = try beginScalar(name: name, arguments: argumentTypes.map { .type($0) })
        return (call.function, try call.complete())
    }

    public func resolveAggregate(
        name: String, argumentTypes: [DataType]
    ) throws -> (function: AggregateFunction, signature: ResolvedSignature) {
        let call = try beginAggregate(name: name, arguments: argumentTypes.map { .type($0) })
        return (call.function, try call.complete())
    }

    public func resolveWindow(
        name: String, argumentTypes: [DataType]
    ) throws -> (function: WindowFunction, signature: ResolvedSignature) {
        guard let overloads = windows[name] else { throw SignatureResolver.notRegistered(name, near: nearNames(name)) }
        let call = try SignatureResolver.begin(name: name, overloads, argumentTypes.map { .type($0) })
        return (call.function, try call.complete())
    }

    /// First phase of a call with lambdas, see `PendingCall`.
    public func beginScalar(name: String, arguments: [ArgumentShape]) throws -> PendingCall<ScalarFunction> {
        guard let overloads = scalars[name] else { throw SignatureResolver.notRegistered(name, near: nearNames(name)) }
        return try SignatureResolver.begin(name: name, overloads, arguments)
    }

    public func beginAggregate(name: String, arguments: [ArgumentShape]) throws -> PendingCall<AggregateFunction> {
        guard let overloads = aggregates[name] else {
            throw SignatureResolver.notRegistered(name, near: nearNames(name))
        }
        return try SignatureResolver.begin(name: name, overloads, arguments)
    }

    /// Up to three known names within a small edit distance of `name`.
    public func nearNames(_ name: String) -> [String] {
        NearNames.find(
            name,
            among: Set(scalars.keys).union(aggregates.keys).union(windows.keys).filter { !$0.hasPrefix("$") })
    }
}
