/// The rules in the order in which they run.
enum OptimizerRules {
    /// A run of rules that is repeated until none of them changes the plan.
    struct Stage: Sendable {
        struct Entry: Sendable {
            var rule: any OptimizerRule
            var name: String
            var switchName: String
        }

        var name: String
        var entries: [Entry]
        /// 1: once.
        var maximumRounds: Int
        /// Plans cannot run without these: they have no switch.
        var isRequired: Bool

        init(name: String, rules: [any OptimizerRule], maximumRounds: Int = 1, isRequired: Bool = false) {
            self.name = name
            entries = rules.map { Entry(rule: $0, name: $0.name, switchName: $0.switchName) }
            self.maximumRounds = maximumRounds
            self.isRequired = isRequired
        }
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
        Stage(name: "list partitions", rules: [ListPartitions()], isRequired: true),
        Stage(name: "order joins", rules: [ReorderJoins()]),
        Stage(name: "settle filters", rules: pushing + [PushFilterIntoScan()], maximumRounds: 4),
        Stage(name: "common parts", rules: [ShareCommonSubplans()]),
        Stage(
            name: "finish",
            rules: [
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
