import Expressions

/// The last steps of binding: places shared definitions, drops hidden columns that nothing reads.
struct PlanFinish {
    let context: BindingContext

    func finish(_ plan: LogicalPlan) -> LogicalPlan {
        placeDefinitions(pruneHiddenColumns(plan))
    }

    /// Definitions used once stand where they are used; those used more often wrap the plan, first defined outermost.
    private func placeDefinitions(_ plan: LogicalPlan) -> LogicalPlan {
        let definitions = context.sharedDefinitions.map { (id: $0.id, plan: pruneHiddenColumns($0.plan)) }
        var uses: [Int: Int] = [:]
        countUses(plan, &uses)
        for definition in definitions.reversed() where uses[definition.id, default: 0] > 0 {
            countUses(definition.plan, &uses)
        }
        var inlined: [Int: LogicalPlan] = [:]
        var kept: [(id: Int, plan: LogicalPlan)] = []
        for definition in definitions {
            let expanded = inline(definition.plan, inlined)
            switch uses[definition.id, default: 0] {
            case 0: break
            case 1: inlined[definition.id] = expanded
            default: kept.append((definition.id, expanded))
            }
        }
        var result = inline(plan, inlined)
        for definition in kept.reversed() {
            result = .shared(id: definition.id, definition: definition.plan, body: result)
        }
        return result
    }

    private func countUses(_ plan: LogicalPlan, _ uses: inout [Int: Int]) {
        if case .sharedScan(let id, _) = plan { uses[id, default: 0] += 1 }
        for input in plan.inputs { countUses(input, &uses) }
    }

    private func inline(_ plan: LogicalPlan, _ definitions: [Int: LogicalPlan]) -> LogicalPlan {
        if definitions.isEmpty { return plan }
        if case .sharedScan(let id, let columns) = plan, let definition = definitions[id] {
            let outputs = definition.outputColumns
            return .project(definition, zip(columns, outputs).map { Assignment($0, .column($1)) })
        }
        let inputs = plan.inputs
        return inputs.isEmpty ? plan : plan.withInputs(inputs.map { inline($0, definitions) })
    }

    /// Hidden columns that nothing names leave the scans and whatever only passes them on.
    private func pruneHiddenColumns(_ plan: LogicalPlan) -> LogicalPlan {
        let unused = context.hiddenColumns.subtracting(context.usedHiddenColumns)
        return unused.isEmpty ? plan : pruning(unused, plan)
    }

    private func pruning(_ unused: Set<Int>, _ plan: LogicalPlan) -> LogicalPlan {
        let inputs = plan.inputs
        let pruned = inputs.isEmpty ? plan : plan.withInputs(inputs.map { pruning(unused, $0) })
        switch pruned {
        case .scan(var scan):
            scan.columns.removeAll { unused.contains($0.reference.id) }
            return .scan(scan)
        case .project(let input, let assignments):
            return .project(input, assignments.filter { !unused.contains($0.column.id) })
        case .unnest(var unnest):
            unnest.passThrough.removeAll { unused.contains($0.id) }
            return .unnest(unnest)
        default: return pruned
        }
    }
}
