import Columnar
import Expressions
import SQLTypes

/// Computes columns; those that are passed through are the input's own vectors.
public final class ProjectOperator: TransformOperator {
    public enum Piece: Sendable {
        case column(Int)
        case expression(BoundExpression)
    }

    public let name = "Project"
    private let pieces: [Piece]
    private let layout: [Int: Int]

    public init(_ pieces: [Piece], layout: [Int: Int]) {
        self.pieces = pieces
        self.layout = layout
    }

    public func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        let expressions = pieces.compactMap { if case .expression(let expression) = $0 { expression } else { nil } }
        return Local(
            pieces, try CompiledProjection(expressions, layout: layout, context: worker.context.evaluation), downstream)
    }

    private final class Local: LocalConsumer {
        let pieces: [Piece]
        let projection: CompiledProjection
        let downstream: any LocalConsumer

        init(_ pieces: [Piece], _ projection: CompiledProjection, _ downstream: any LocalConsumer) {
            self.pieces = pieces
            self.projection = projection
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            let computed = try projection.evaluate(batch, rows: batch.rows)
            var columns: [Vector] = []
            columns.reserveCapacity(pieces.count)
            var next = 0
            for piece in pieces {
                switch piece {
                case .column(let position): columns.append(batch.columns[position])
                case .expression:
                    columns.append(computed[next])
                    next += 1
                }
            }
            return try downstream.push(Batch(columns: columns, rowCount: batch.rowCount, selection: batch.selection))
        }
    }
}
