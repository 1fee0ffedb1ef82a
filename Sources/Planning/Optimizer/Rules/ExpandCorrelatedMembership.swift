import Expressions
import SQLTypes

/// A correlated IN whose three-valued result is used as a value is two marks: a match, and a row that leaves it open.
///
/// ```
/// Join[MARK m, null-aware x = y, k = l.k]      Project[m := CASE WHEN a: TRUE; WHEN b: NULL; else FALSE]
///   L                                            Join[MARK b, k = l.k AND (x IS NULL OR y IS NULL)]
///   R                                    ==>       Join[MARK a, x = y AND k = l.k]
///                                                    L
///                                                    R
///                                                  R
/// ```
/// Null-aware joins that remain after this rule compare one pair of columns and have no other condition.
struct ExpandCorrelatedMembership: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .join(let join) = node, join.isNullAware, join.residual != .true else { return nil }
        guard join.kind == .mark, let mark = join.markColumn else {
            return join.kind == .anti ? .join(ConvertMarkJoin.withoutNullAwareness(join)) : nil
        }
        let matches = context.columns.make("matches", .boolean)
        let isOpen = context.columns.make("is_open", .boolean)
        var first = join
        first.isNullAware = false
        first.markColumn = matches
        let copy = join.right.copied(context.columns)
        let map = Dictionary(zip(join.right.outputColumns, copy.columns), uniquingKeysWith: { first, _ in first })
        let unknown = join.equalities.flatMap { equality -> [BoundExpression] in
            [.isNull(.column(equality.left)), .isNull(.column(map[equality.right] ?? equality.right))]
        }
        let second = Join(
            kind: .mark, left: .join(first), right: copy.plan,
            residual: .conjunction(
                [join.residual.mappingColumns { map[$0] ?? $0 }] + [BoundExpression.disjunction(unknown)]),
            markColumn: isOpen)
        let result = BoundExpression.caseWhen(
            branches: [
                CaseBranch(condition: .column(matches), result: .true),
                CaseBranch(condition: .column(isOpen), result: .null(.boolean)),
            ], otherwise: .false, type: .boolean)
        return .project(
            .join(second), join.left.outputColumns.map { Assignment($0, .column($0)) } + [Assignment(mark, result)])
    }
}
