import Expressions

/// A shared plan that is read once, or costs no more than reading it again, is put where it is read.
///
/// ```
/// Shared[1](D)                         Project[x := a]
///   Filter[x > 1](SharedScan[1: x])  ==>   ... with D in place of the read
/// ```
struct InlineSharedPlan: NodeRule {
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        guard case .shared(let id, let definition, let body) = node else { return nil }
        var uses = 0
        body.forEachPlan { if case .sharedScan(id, _) = $0 { uses += 1 } }
        if uses == 0 { return body }
        if uses == 1, !Self.isInsideRecursion(body, id) {
            return Self.replace(body, id) { columns in
                .project(definition, zip(columns, definition.outputColumns).map { Assignment($0, .column($1)) })
            }
        }
        guard Self.isCheap(definition), definition.isDeterministic else { return nil }
        return body.inliningShared(id, definition, context.columns)
    }

    private static func replace(
        _ plan: LogicalPlan, _ id: Int, _ make: ([ColumnReference]) -> LogicalPlan
    ) -> LogicalPlan {
        if case .sharedScan(id, let columns) = plan { return make(columns) }
        let inputs = plan.inputs
        return inputs.isEmpty ? plan : plan.withInputs(inputs.map { replace($0, id, make) })
    }

    /// The step of a recursion runs many times.
    private static func isInsideRecursion(_ plan: LogicalPlan, _ id: Int) -> Bool {
        if case .recursive(_, _, _, let step, _) = plan {
            var found = false
            step.forEachPlan { if case .sharedScan(id, _) = $0 { found = true } }
            if found { return true }
        }
        return plan.inputs.contains { isInsideRecursion($0, id) }
    }

    /// Reading a table twice, with each reader's own filters and columns, beats keeping all of it.
    private static func isCheap(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .scan, .sharedScan: true
        case .values(_, let rows): rows.count <= 100
        case .filter(let input, let predicate): predicate.isDeterministic && isCheap(input)
        case .project(let input, let assignments):
            assignments.allSatisfy { $0.expression.asColumn != nil || $0.expression.children.isEmpty } && isCheap(input)
        default: false
        }
    }
}
