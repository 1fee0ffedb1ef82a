import Expressions

/// Conditions on one join key hold for the other, and an OR over both sides implies one for each side.
///
/// ```
/// Join[INNER, a.k = b.k]              Join[INNER, a.k = b.k]
///   Filter[k = 5](A)          ==>       Filter[k = 5](A)
///   B                                   Filter[k = 5](B)
///
/// Join[INNER, (a.n = 'x' AND b.n = 'y') OR (a.n = 'y' AND b.n = 'x')]
///                             ==>       Filter[n = 'x' OR n = 'y'](A), Filter[n = 'y' OR n = 'x'](B)
/// ```
struct InferConditionsAcrossKeys: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .join(var join) = node else { return nil }
        let toRight: Bool
        let toLeft: Bool
        switch join.kind {
        case .inner, .semi: (toRight, toLeft) = (true, true)
        case .left: (toRight, toLeft) = (true, false)
        case .anti, .mark: (toRight, toLeft) = (!join.isNullAware, false)
        case .right: (toRight, toLeft) = (false, true)
        case .cross, .full: return nil
        }
        let leftKnown = join.left.knownConditions
        let rightKnown = join.right.knownConditions
        var newLeft: [BoundExpression] = []
        var newRight: [BoundExpression] = []
        for equality in join.equalities where equality.left.type == equality.right.type {
            if toRight {
                for condition in leftKnown where Self.isAbout(equality.left, condition) {
                    let moved = condition.mappingColumns { $0 == equality.left ? equality.right : $0 }
                    if !join.right.knows(moved), !newRight.contains(moved) { newRight.append(moved) }
                }
            }
            if toLeft {
                for condition in rightKnown where Self.isAbout(equality.right, condition) {
                    let moved = condition.mappingColumns { $0 == equality.right ? equality.left : $0 }
                    if !join.left.knows(moved), !newLeft.contains(moved) { newLeft.append(moved) }
                }
            }
        }
        if join.kind == .inner {
            let left = join.left.outputSet
            let right = join.right.outputSet
            // In the form that it will have, to be known again.
            let simplifier = ExpressionSimplifier(folder: context.folder)
            for conjunct in join.residual.conjuncts {
                if let implied = Self.implied(by: conjunct, over: left).map(simplifier.simplify),
                    !join.left.knows(implied)
                {
                    newLeft.append(implied)
                }
                if let implied = Self.implied(by: conjunct, over: right).map(simplifier.simplify),
                    !join.right.knows(implied)
                {
                    newRight.append(implied)
                }
            }
        }
        if newLeft.isEmpty, newRight.isEmpty { return nil }
        if !newLeft.isEmpty { join.left = .filter(join.left, .conjunction(Self.ordered(newLeft))) }
        if !newRight.isEmpty { join.right = .filter(join.right, .conjunction(Self.ordered(newRight))) }
        return .join(join)
    }

    /// Sets have no order; plans should not depend on hashing.
    private static func ordered(_ conditions: [BoundExpression]) -> [BoundExpression] {
        conditions.count < 2 ? conditions : conditions.sorted { "\($0)" < "\($1)" }
    }

    private static func isAbout(_ column: ColumnReference, _ condition: BoundExpression) -> Bool {
        // The equality itself drops NULLs.
        if case .not(.isNull) = condition { return false }
        return condition.columns == [column] && condition.isDeterministic && condition.cannotRaise
    }

    /// What an OR says about the columns of one side: nil when some term says nothing.
    private static func implied(by condition: BoundExpression, over columns: Set<ColumnReference>) -> BoundExpression? {
        guard case .or = condition else { return nil }
        var terms: [BoundExpression] = []
        for disjunct in condition.disjuncts {
            let parts = disjunct.conjuncts.filter {
                let read = $0.columns
                return !read.isEmpty && read.isSubset(of: columns) && $0.isDeterministic && $0.cannotRaise
            }
            if parts.isEmpty { return nil }
            let term = BoundExpression.conjunction(parts)
            if !terms.contains(term) { terms.append(term) }
        }
        return .disjunction(terms)
    }
}
