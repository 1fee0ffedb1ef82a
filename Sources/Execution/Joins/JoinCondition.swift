import Columnar
import Expressions
import SQLTypes

/// A join's condition beyond its equalities, over columns of both sides.
struct JoinCondition: Sendable {
    enum Source: Sendable {
        case probe(Int)
        case build(Int)
    }

    let expression: BoundExpression
    /// Column i of the batches that the condition is evaluated over.
    let sources: [Source]
    let columns: [ColumnReference]

    init(_ expression: BoundExpression, probe: Fragment, build: Fragment) throws {
        self.expression = expression
        let referenced = expression.columns.sorted { $0.id < $1.id }
        columns = referenced
        sources = try referenced.map { column in
            if let position = probe.columns.firstIndex(of: column) { return .probe(position) }
            return .build(try build.position(of: column))
        }
    }

    var buildColumns: [Int] {
        sources.compactMap { if case .build(let position) = $0 { position } else { nil } }
    }
}

extension JoinCondition {
    func makeEvaluator(_ context: ExecutionContext) throws -> JoinConditionEvaluator {
        var layout: [Int: Int] = [:]
        for (index, column) in columns.enumerated() { layout[column.id] = index }
        return JoinConditionEvaluator(
            try CompiledExpression(expression, layout: layout, context: context.evaluation))
    }
}

/// One worker's evaluator of a join condition.
final class JoinConditionEvaluator {
    private let compiled: CompiledExpression

    init(_ compiled: CompiledExpression) { self.compiled = compiled }

    /// The selected pairs for which the condition is true.
    func select(_ pairs: Batch) throws -> Selection { try compiled.select(pairs, rows: pairs.rows) }
}
