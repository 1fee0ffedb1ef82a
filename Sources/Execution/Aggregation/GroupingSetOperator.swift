import Columnar
import SQLTypes

/// Brings the rows of one grouping set to the columns of all: NULL for keys outside the set, the set's number.
final class GroupingSetOperator: TransformOperator {
    enum Piece: Sendable {
        case column(Int)
        case constant(Value, DataType)
    }

    let name = "GroupingSet"
    private let pieces: [Piece]

    init(_ pieces: [Piece]) { self.pieces = pieces }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(pieces, downstream)
    }

    private final class Local: LocalConsumer {
        let pieces: [Piece]
        let downstream: any LocalConsumer

        init(_ pieces: [Piece], _ downstream: any LocalConsumer) {
            self.pieces = pieces
            self.downstream = downstream
        }

        func push(_ batch: Batch) throws -> PushResult {
            let columns = pieces.map { piece in
                switch piece {
                case .column(let position): batch.columns[position]
                case .constant(let value, let type): Vector.constant(value, type, count: batch.rowCount)
                }
            }
            return try downstream.push(Batch(columns: columns, rowCount: batch.rowCount, selection: batch.selection))
        }
    }
}
