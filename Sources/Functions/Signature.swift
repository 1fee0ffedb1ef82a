import SQLTypes

/// A function's parameter and result types with type variables, in Trino's notation, parsed on first use.
///
/// ```
/// (array(T), T) -> bigint                  T, K, V, U, S, R: type variables, one type per call
/// (T, T...) -> T                           the last parameter repeats (zero or more times more)
/// (decimal(p,s)) -> decimal(p,s)           p, s: number variables bound by the first argument that has them
/// (varchar) -> varchar                     any varchar length; a result `varchar` is unbounded
/// (array(T), function(T,U)) -> array(U)    a lambda parameter
/// (varchar, any...) -> varchar             arguments that keep their own types
/// ```
/// `where` lists constraints on variables: `comparable`, `orderable`. A `resultType` closure overrides the text for
/// rules that notation cannot say (decimal arithmetic, `date_add`).
public struct Signature: Sendable {
    public var text: String
    /// Variables that must be comparable / orderable.
    public var comparable: [String]
    public var orderable: [String]
    /// Called with the argument types after coercion; returns the result type, or nil when the overload does not
    /// apply.
    public var resultType: (@Sendable ([DataType]) -> DataType?)?

    public init(
        _ text: String, comparable: [String] = [], orderable: [String] = [],
        resultType: (@Sendable ([DataType]) -> DataType?)? = nil
    ) {
        self.text = text
        self.comparable = comparable
        self.orderable = orderable
        self.resultType = resultType
    }
}

extension Signature: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) { self.init(text) }
}
