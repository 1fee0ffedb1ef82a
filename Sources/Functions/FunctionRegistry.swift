import SQLTypes

/// Every SQL function by lower-case name: scalar, aggregate, window. Built once, immutable, shared.
public struct FunctionRegistry: Sendable {
    public private(set) var scalars: [String: [ScalarFunction]] = [:]
    public private(set) var aggregates: [String: [AggregateFunction]] = [:]
    public private(set) var windows: [String: [WindowFunction]] = [:]

    public init(scalars: [ScalarFunction] = [], aggregates: [AggregateFunction] = [], windows: [WindowFunction] = []) {
        for function in scalars {
            for name in [function.name] + function.aliases { self.scalars[name, default: []].append(function) }
        }
        for function in aggregates {
            for name in [function.name] + function.aliases { self.aggregates[name, default: []].append(function) }
        }
        for function in windows { self.windows[function.name, default: []].append(function) }
    }
}

/// What a function's documentation and tests show: an expression and its result as `value text`.
public struct FunctionExample: Sendable {
    public var expression: String
    /// The result as the shell prints it, `NULL`, or an error's code (`INVALID_FUNCTION_ARGUMENT`).
    public var result: String

    public init(_ expression: String, _ result: String) {
        self.expression = expression
        self.result = result
    }
}

/// One overload of a scalar function: how it is called, what it returns, and its kernel.
public struct ScalarFunction: Sendable {
    public enum Nulls: Sendable {
        /// NULL when any argument is NULL; the kernel sees nulls in lanes and must keep them null.
        case propagate
        /// The kernel decides (`concat_ws`, `array_position` of NULL ...).
        case handled
    }

    public var name: String
    public var aliases: [String]
    public var summary: String
    /// In Trino's notation, see `Signature`: `(array(T), T) -> bigint`.
    public var signature: Signature
    public var nulls: Nulls
    public var isDeterministic: Bool
    /// No valid input makes the kernel raise: it may be reordered, pushed down and run on dictionary entries.
    public var cannotRaise: Bool
    /// The same for some types only: decimal addition that has room for its result.
    public var cannotRaiseFor: (@Sendable (ResolvedSignature) -> Bool)?
    /// Not listed by SHOW FUNCTIONS: operators and helpers, named `$add`, `$like` ...
    public var isHidden: Bool
    public var examples: [FunctionExample]
    /// Makes the kernel for concrete types. Called once per expression and worker: state (a compiled pattern, a
    /// scratch heap) may live in the closure.
    public var makeKernel: @Sendable (ResolvedSignature) throws -> ScalarKernel

    public init(
        _ name: String, aliases: [String] = [], _ signature: Signature, summary: String = "",
        nulls: Nulls = .propagate, isDeterministic: Bool = true, cannotRaise: Bool = true,
        cannotRaiseFor: (@Sendable (ResolvedSignature) -> Bool)? = nil, isHidden: Bool = false,
        examples: [FunctionExample] = [], makeKernel: @escaping @Sendable (ResolvedSignature) throws -> ScalarKernel
    ) {
        self.cannotRaiseFor = cannotRaiseFor
        self.name = name
        self.aliases = aliases
        self.signature = signature
        self.summary = summary
        self.nulls = nulls
        self.isDeterministic = isDeterministic
        self.cannotRaise = cannotRaise
        self.isHidden = isHidden
        self.examples = examples
        self.makeKernel = makeKernel
    }
}

/// Concrete argument and result types of one call.
public struct ResolvedSignature: Hashable, Sendable {
    public var arguments: [DataType]
    public var result: DataType

    public init(arguments: [DataType], result: DataType) {
        self.arguments = arguments
        self.result = result
    }
}
