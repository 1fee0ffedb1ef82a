import Expressions

/// One improvement of a plan, named as a sentence: verb and object.
///
/// A rule keeps the query's meaning: the columns that are read above a node still come out of it (by id), rows and
/// errors stay the same (an error may be avoided, never added).
public protocol OptimizerRule: Sendable {
    /// The whole plan, improved; nil when there was nothing to do.
    func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan?
}

extension OptimizerRule {
    /// The type's name.
    public var name: String { String(describing: type(of: self)) }

    /// `PushFilterThroughJoin` → `push_filter_through_join`, the name of its switch after `optimizer.`.
    public var switchName: String {
        var text = ""
        for character in name {
            if character.isUppercase, !text.isEmpty { text += "_" }
            text += character.lowercased()
        }
        return text
    }
}

/// A rule that looks at one node (and its inputs) at a time, from the root down.
public protocol NodeRule: OptimizerRule {
    /// The node, improved; nil when the rule does not match.
    func rewrite(_ node: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan?
}

extension NodeRule {
    public func apply(to plan: LogicalPlan, _ context: OptimizerContext) throws -> LogicalPlan? {
        try plan.rewrittenTopDown { node in
            try context.cancellation.check()
            return try rewrite(node, context)
        }
    }
}

extension LogicalPlan {
    /// Rewrites every node before its inputs, each as often as `rewrite` answers (within a bound); nil when it never
    /// did.
    func rewrittenTopDown(_ rewrite: (LogicalPlan) throws -> LogicalPlan?) rethrows -> LogicalPlan? {
        var node = self
        var isChanged = false
        // A bound against rules that undo each other.
        for _ in 0..<32 {
            guard let next = try rewrite(node) else { break }
            node = next
            isChanged = true
        }
        if let next = try node.rewritingInputs({ try $0.rewrittenTopDown(rewrite) }) { return next }
        return isChanged ? node : nil
    }

    /// Rewrites every node once, after its inputs; nil when nothing changed.
    func rewrittenBottomUp(_ rewrite: (LogicalPlan) throws -> LogicalPlan?) rethrows -> LogicalPlan? {
        let inner = try rewritingInputs { try $0.rewrittenBottomUp(rewrite) }
        if let next = try rewrite(inner ?? self) { return next }
        return inner
    }

    /// The node over changed inputs; nil when none changed. Where inputs are read by position (shared definitions,
    /// recursive steps, scalar subqueries) their columns stay as they were.
    func rewritingInputs(_ rewrite: (LogicalPlan) throws -> LogicalPlan?) rethrows -> LogicalPlan? {
        let old = inputs
        if old.isEmpty { return nil }
        var new = old
        var isChanged = false
        for index in old.indices {
            guard let next = try rewrite(old[index]) else { continue }
            isChanged = true
            new[index] = readsByPosition(input: index) ? next.withOutputs(old[index].outputColumns) : next
        }
        return isChanged ? withInputs(new) : nil
    }

    private func readsByPosition(input: Int) -> Bool {
        switch self {
        case .shared: input == 0
        case .recursive: true
        case .dependentJoin: input == 1
        default: false
        }
    }

    /// The plan with exactly these output columns, in this order.
    func withOutputs(_ columns: [ColumnReference]) -> LogicalPlan {
        if outputColumns == columns { return self }
        return .project(self, columns.map { Assignment($0, .column($0)) })
    }
}
