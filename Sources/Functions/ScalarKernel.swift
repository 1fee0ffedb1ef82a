import Columnar
import SQLTypes

/// Computes a function over a batch: returns a vector of `call.rows.count` lanes in which the selected ones count.
public typealias ScalarKernel = (borrowing KernelCall) throws -> Vector

/// What a kernel is given.
public struct KernelCall {
    /// One vector per argument (a lambda argument holds a constant NULL), each of `rows.count` lanes.
    public let arguments: [Vector]
    public let rows: Rows
    public let context: EvaluationContext
    /// One evaluator per lambda argument, in order.
    public let lambdas: [any LambdaEvaluator]

    public init(arguments: [Vector], rows: Rows, context: EvaluationContext, lambdas: [any LambdaEvaluator] = []) {
        self.arguments = arguments
        self.rows = rows
        self.context = context
        self.lambdas = lambdas
    }
}

/// A lambda as kernels call it: its body over vectors of parameter values.
public protocol LambdaEvaluator: AnyObject {
    /// `parameters` have one lane per call of the lambda. `origins[i]` is the row of the enclosing batch that call `i`
    /// belongs to (captured columns are read there).
    func evaluate(_ parameters: [Vector], origins: UnsafePointer<UInt32>, count: Int) throws -> Vector
}

/// Facts of the running query that functions may ask for.
public struct EvaluationContext: Sendable {
    /// Start of the query, microseconds since 1970-01-01 UTC: every `now()` of a query agrees.
    public var startMicroseconds: Int64
    /// The session's zone name.
    public var timeZone: String
    public var user: String
    public var catalog: String
    public var schema: String?
    public var cancellation: Cancellation

    public init(
        startMicroseconds: Int64, timeZone: String = "UTC", user: String = "athena-lite",
        catalog: String = "awsdatacatalog", schema: String? = nil, cancellation: Cancellation = Cancellation()
    ) {
        self.startMicroseconds = startMicroseconds
        self.timeZone = timeZone
        self.user = user
        self.catalog = catalog
        self.schema = schema
        self.cancellation = cancellation
    }
}
