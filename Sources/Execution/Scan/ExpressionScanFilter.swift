import Columnar
import Expressions
import Functions
import Planning
import SQLTypes
import Storage

/// A conjunct of WHERE as a condition that readers apply before they decode other columns.
final class ExpressionScanFilter: ScanFilter {
    let columns: [Int]
    let cannotRaise: Bool
    private let expression: BoundExpression
    private let references: [ColumnReference]
    private let domains: [Domain]
    private let context: EvaluationContext

    /// - Parameter positions: where each column that the expression reads lies in the request.
    init(_ expression: BoundExpression, positions: [(ColumnReference, Int)], context: EvaluationContext) {
        self.expression = expression
        references = positions.map(\.0)
        columns = positions.map(\.1)
        domains = references.map { DomainExtractor.domain(of: $0, in: expression) ?? .all }
        cannotRaise = expression.cannotRaise
        self.context = context
    }

    func domain(of column: Int) -> Domain {
        columns.firstIndex(of: column).map { domains[$0] } ?? .all
    }

    func makeEvaluator() throws -> any ScanFilterEvaluator {
        let layout = Dictionary(uniqueKeysWithValues: references.enumerated().map { ($1.id, $0) })
        return Evaluator(try CompiledExpression(expression, layout: layout, context: context))
    }

    private final class Evaluator: ScanFilterEvaluator {
        private let compiled: CompiledExpression
        init(_ compiled: CompiledExpression) { self.compiled = compiled }

        func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection {
            try compiled.select(Batch(columns: vectors, rowCount: rows.count), rows: rows)
        }
    }
}
