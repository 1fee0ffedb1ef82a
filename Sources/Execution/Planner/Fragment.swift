import Expressions
import SQLTypes

/// What planning a node gives: open pipelines that produce its rows, and where each column lies in their batches.
///
/// A transform is added to all pipelines (UNION ALL has one per input), a sink closes them into a `Stage`.
public struct Fragment: Sendable {
    public var pipelines: [Pipeline]
    /// Column i of every batch.
    public var columns: [ColumnReference]

    public init(pipelines: [Pipeline], columns: [ColumnReference]) {
        self.pipelines = pipelines
        self.columns = columns
    }

    public init(
        source: any SourceOperator, metrics: OperatorMetrics, columns: [ColumnReference], isOrdered: Bool = false
    ) {
        self.init(
            pipelines: [Pipeline(source: source, metrics: metrics, isOrdered: isOrdered)], columns: columns)
    }

    /// Where `column` lies in the batches.
    public func position(of column: ColumnReference) throws -> Int {
        guard let position = columns.firstIndex(of: column) else {
            throw QueryError(.genericInternalError, "Column \(column.name)#\(column.id) is not in the plan's input")
        }
        return position
    }

    public func positions(of columns: [ColumnReference]) throws -> [Int] { try columns.map(position) }

    /// Column id to position, for expressions.
    public var layout: [Int: Int] {
        Dictionary(columns.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Adds `transform` to every pipeline; batches have `columns` behind it.
    public mutating func append(
        _ transform: any TransformOperator, metrics: OperatorMetrics, columns: [ColumnReference]
    ) {
        for index in pipelines.indices {
            pipelines[index].steps.append(Pipeline.Step(transform: transform, metrics: metrics))
        }
        self.columns = columns
    }

    /// Rows come in an order that the plan's reader may see (ORDER BY).
    public var isOrdered: Bool {
        get { pipelines.contains(where: \.isOrdered) }
        set { for index in pipelines.indices { pipelines[index].isOrdered = newValue } }
    }
}
