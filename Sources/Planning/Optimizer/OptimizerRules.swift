/// The rules in the order in which they run.
enum OptimizerRules {
    /// A run of rules that is repeated until none of them changes the plan.
    struct Stage: Sendable {
        var name: String
        var rules: [any OptimizerRule]
        /// 1: once.
        var maximumRounds = 1
        /// Plans cannot run without these: they have no switch.
        var isRequired = false
    }

    static let stages: [Stage] = [
        Stage(name: "prepare", rules: [InlineSharedPlan(), SimplifyExpressions()], maximumRounds: 4),
        Stage(
            name: "unnest subqueries",
            rules: [
                RewriteQuantifiedComparison(), ReplaceSingleRowSubquery(), RemoveUncorrelatedDependentJoin(),
                ReplaceLateralRow(), DecorrelateScalarAggregate(), DecorrelateDependentJoin(), PushDependentJoinDown(),
            ], maximumRounds: 50, isRequired: true),
        Stage(name: "push filters", rules: pushing, maximumRounds: 12),
        Stage(name: "membership", rules: [ExpandCorrelatedMembership()], isRequired: true),
        Stage(name: "prune columns", rules: [PruneColumns(), MergeProjects(), RemoveRedundantProject()]),
        Stage(
            name: "aggregates and limits",
            rules: [
                RemoveRedundantDistinct(), RewriteDistinctAggregate(), RemoveDependentGroupKeys(), RewriteSumOfOffset(),
                RemoveRedundantSort(), MergeLimits(), PushLimitDown(), MergeProjects(), RemoveRedundantProject(),
            ], maximumRounds: 8),
        Stage(
            name: "scans",
            rules: [PushFilterIntoScan(), PrunePartitions(), AnswerFromStatistics(), RemoveTrivialFilter()]),
        Stage(name: "order joins", rules: [ReorderJoins()]),
        Stage(name: "settle filters", rules: pushing + [PushFilterIntoScan()], maximumRounds: 4),
        Stage(name: "common parts", rules: [ShareCommonSubplans()]),
        Stage(name: "finish", rules: [
                PruneColumns(), MergeProjects(), RemoveRedundantProject(), PruneNestedFields(), ChooseBuildSide(),
            ]),
    ]

    /// Everything that moves conditions to where they drop rows earliest.
    private static let pushing: [any OptimizerRule] = [
        SimplifyExpressions(), MergeFilters(), RemoveTrivialFilter(), FactorDisjunctions(), PushFilterThroughProject(),
        PushFilterThroughAggregate(), PushFilterThroughWindow(), PushFilterThroughUnion(), PushFilterThroughUnnest(),
        PushFilterThroughSort(), PushFilterThroughJoin(), ConvertMarkJoin(), ConvertOuterJoin(), ExtractJoinKeys(),
        InferConditionsAcrossKeys(), FlattenUnions(), MergeProjects(), RemoveRedundantProject(),
    ]
}
