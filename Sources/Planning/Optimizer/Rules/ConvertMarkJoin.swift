import Expressions
import SQLTypes

/// A filter on a mark join's mark is a semi or an anti join.
///
/// ```
/// Filter[m AND p]                   Project[.., m := TRUE]
///   Join[MARK m, k = l.k]    ==>      Filter[p]
///                                       Join[SEMI, k = l.k]
/// ```
/// `NOT m` gives an anti join. Where a correlated NOT IN must know NULLs, the join's condition says so:
/// `x = y OR x IS NULL OR y IS NULL`.
struct ConvertMarkJoin: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(let input, let predicate) = node, case .join(var join) = input, join.kind == .mark,
            let mark = join.markColumn
        else { return nil }
        var isAnti: Bool?
        var rest: [BoundExpression] = []
        for conjunct in predicate.conjuncts {
            if isAnti == nil, conjunct == .column(mark) {
                isAnti = false
            } else if isAnti == nil, conjunct == .not(.column(mark)) {
                isAnti = true
            } else {
                rest.append(conjunct)
            }
        }
        guard let isAnti else { return nil }
        join.kind = isAnti ? .anti : .semi
        join.markColumn = nil
        if !isAnti {
            join.isNullAware = false
        } else if join.isNullAware, join.residual != .true {
            join = Self.withoutNullAwareness(join)
        }
        let output = join.left.outputColumns.map { Assignment($0, .column($0)) }
        let marked = LogicalPlan.project(.join(join), output + [Assignment(mark, isAnti ? .false : .true)])
        return rest.isEmpty ? marked : .filter(marked, .conjunction(rest))
    }

    /// The comparison of IN as a condition under which a right row forbids the left row.
    static func withoutNullAwareness(_ join: Join) -> Join {
        var result = join
        result.equalities = []
        result.isNullAware = false
        result.residual = .conjunction(
            join.residual.conjuncts
                + join.equalities.map { equality in
                    .or([
                        .comparison(.equal, .column(equality.left), .column(equality.right)),
                        .isNull(.column(equality.left)), .isNull(.column(equality.right)),
                    ])
                })
        return result
    }
}
