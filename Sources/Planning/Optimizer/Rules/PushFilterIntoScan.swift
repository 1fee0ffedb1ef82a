import Expressions
import SQLTypes

/// Conditions right above a scan become the scan's own: it prunes with them and applies them before it decodes other
/// columns.
///
/// ```
/// Filter[x > 1 AND 10 / y > 2](Scan[t])   ==>   Scan[t; x > 1, 10 / y > 2]
/// ```
/// Conditions that cannot raise come first; those that may keep their order among themselves, so that each sees only
/// rows that passed all before it. Conditions with random() stay above.
struct PushFilterIntoScan: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .filter(.scan(var scan), let predicate) = node, scan.provider == nil else { return nil }
        let conjuncts = predicate.conjuncts
        let movable = conjuncts.filter(\.isDeterministic)
        if movable.isEmpty { return nil }
        var all = scan.filter
        for conjunct in movable where !all.contains(conjunct) { all.append(conjunct) }
        scan.filter = all.filter(\.cannotRaise) + all.filter { !$0.cannotRaise }
        let rest = conjuncts.filter { !$0.isDeterministic }
        return rest.isEmpty ? .scan(scan) : .filter(.scan(scan), .conjunction(rest))
    }
}
