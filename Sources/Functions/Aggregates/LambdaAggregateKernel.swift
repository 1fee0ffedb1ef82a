import Columnar

/// An aggregate that calls lambdas (`reduce_agg`): the caller sets their evaluators before the first use.
public protocol LambdaAggregateKernel: AggregateKernel {
    var lambdas: [any LambdaEvaluator] { get set }
}
