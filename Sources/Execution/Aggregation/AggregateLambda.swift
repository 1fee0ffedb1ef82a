import Columnar
import Expressions
import Functions
import SQLTypes

/// A lambda argument of an aggregate: parameters and a body that reads nothing else.
struct AggregateLambda: Sendable {
    var parameters: [ColumnReference]
    var body: BoundExpression

    func makeEvaluator(_ context: EvaluationContext) throws -> any LambdaEvaluator {
        let layout = Dictionary(
            parameters.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        return Evaluator(try CompiledExpression(body, layout: layout, context: context))
    }

    private final class Evaluator: LambdaEvaluator {
        private let compiled: CompiledExpression
        init(_ compiled: CompiledExpression) { self.compiled = compiled }

        func evaluate(_ parameters: [Vector], origins: UnsafePointer<UInt32>, count: Int) throws -> Vector {
            try compiled.evaluate(Batch(columns: parameters, rowCount: count))
        }
    }
}
