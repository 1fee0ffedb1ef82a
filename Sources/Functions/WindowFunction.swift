import Columnar
import SQLTypes

/// One overload of a ranking or value window function (aggregates over windows use `AggregateFunction`).
public struct WindowFunction: Sendable {
    public enum Kind: Sendable {
        case rowNumber, rank, denseRank, percentRank, cumeDist, ntile
        case firstValue, lastValue, nthValue, lag, lead
    }

    public var name: String
    public var summary: String
    public var signature: Signature
    public var kind: Kind
    public var examples: [FunctionExample]

    public init(
        _ name: String, _ signature: Signature, kind: Kind, summary: String = "", examples: [FunctionExample] = []
    ) {
        self.name = name
        self.signature = signature
        self.kind = kind
        self.summary = summary
        self.examples = examples
    }
}
