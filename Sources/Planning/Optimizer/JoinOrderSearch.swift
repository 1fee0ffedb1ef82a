import Expressions

/// Finds the cheapest order of a join graph: by dynamic programming over sets of relations (bushy trees included) up
/// to `maximumExactCount` relations, else by joining the cheapest pair first.
///
/// A join costs its build side twice, its probe side once and its result once, in rows.
struct JoinOrderSearch {
    static let maximumExactCount = 10
    static let buildCost = 2.0

    indirect enum Tree {
        case leaf(Int)
        case join(Tree, Tree)
        /// An attached relation joined to a tree.
        case attach(Tree, Int)
    }

    struct Candidate {
        var mask: UInt64
        var cost: Double
        var rowCount: Double
        var tree: Tree
    }

    let graph: JoinGraph
    private let neighbours: [UInt64]
    private let attachedMask: UInt64

    init(_ graph: JoinGraph) {
        self.graph = graph
        neighbours = graph.relations.indices.map { graph.neighbours(of: $0) }
        attachedMask = graph.relations.indices.reduce(0) { mask, index in
            graph.relations[index].attachment == nil ? mask : mask | 1 << UInt64(index)
        }
    }

    func search() -> Tree? {
        if graph.count <= Self.maximumExactCount, let tree = exact(allowsProducts: false) ?? exact(allowsProducts: true)
        {
            return tree
        }
        return greedy()
    }

    // MARK: Dynamic programming

    private func exact(allowsProducts: Bool) -> Tree? {
        let count = graph.count
        let full: UInt64 = (1 << UInt64(count)) - 1
        var best = [Candidate?](repeating: nil, count: Int(full) + 1)
        for index in 0..<count { best[1 << index] = leaf(index) }
        // Reachable relations per set, to test connection with one operation.
        var reach = [UInt64](repeating: 0, count: Int(full) + 1)
        for mask in 1...Int(full) {
            let lowest = mask.trailingZeroBitCount
            reach[mask] = reach[mask & (mask - 1)] | neighbours[lowest]
        }
        for mask in 1...full where mask & (mask - 1) != 0 {
            let lowestBit = mask & (~mask &+ 1)
            var sub = (mask - 1) & mask
            while sub != 0 {
                defer { sub = (sub - 1) & mask }
                // Each pair once.
                if sub & lowestBit == 0 { continue }
                let rest = mask ^ sub
                guard let a = best[Int(sub)], let b = best[Int(rest)],
                    let joined = combine(a, b, isConnected: allowsProducts || reach[Int(sub)] & rest != 0)
                else { continue }
                if let known = best[Int(mask)] {
                    if joined.cost < known.cost {
                        var better = joined
                        // One estimate per set, whatever the order.
                        better.rowCount = known.rowCount
                        best[Int(mask)] = better
                    }
                } else {
                    best[Int(mask)] = joined
                }
            }
        }
        return best[Int(full)]?.tree
    }

    // MARK: Greedy

    private func greedy() -> Tree? {
        var parts = graph.relations.indices.map { leaf($0) }
        while parts.count > 1 {
            var choice: (Int, Int, Candidate)?
            for allowsProducts in [false, true] where choice == nil {
                for i in parts.indices {
                    for j in (i + 1)..<max(parts.count, i + 1) {
                        let isConnected = allowsProducts || areConnected(parts[i].mask, parts[j].mask)
                        guard let joined = combine(parts[i], parts[j], isConnected: isConnected) else { continue }
                        let cost = joined.cost - parts[i].cost - parts[j].cost
                        if let known = choice, known.2.cost - parts[known.0].cost - parts[known.1].cost <= cost {
                            continue
                        }
                        choice = (i, j, joined)
                    }
                }
            }
            guard let (i, j, joined) = choice else { return nil }
            parts.remove(at: j)
            parts[i] = joined
        }
        return parts.first?.tree
    }

    private func areConnected(_ a: UInt64, _ b: UInt64) -> Bool {
        for index in graph.relations.indices where a & (1 << UInt64(index)) != 0 && neighbours[index] & b != 0 {
            return true
        }
        return false
    }

    // MARK: Cost

    private func leaf(_ index: Int) -> Candidate {
        Candidate(
            mask: 1 << UInt64(index), cost: 0, rowCount: max(1, graph.relations[index].estimate.rowCount),
            tree: .leaf(index))
    }

    private func combine(_ a: Candidate, _ b: Candidate, isConnected: Bool) -> Candidate? {
        if let attached = attachedIndex(b.mask) { return attach(attached, to: a, b) }
        if let attached = attachedIndex(a.mask) { return attach(attached, to: b, a) }
        let isSingle = isSingleRow(a.mask) || isSingleRow(b.mask)
        guard isConnected || isSingle else { return nil }
        let rows = max(1, a.rowCount * b.rowCount * selectivity(a.mask, b.mask))
        let cost = a.cost + b.cost + Self.joinCost(a.rowCount, b.rowCount, rows)
        return Candidate(mask: a.mask | b.mask, cost: cost, rowCount: rows, tree: .join(a.tree, b.tree))
    }

    private static func joinCost(_ a: Double, _ b: Double, _ output: Double) -> Double {
        buildCost * min(a, b) + max(a, b) + output
    }

    /// The relation, when the set is one attached relation alone.
    private func attachedIndex(_ mask: UInt64) -> Int? {
        guard mask & attachedMask == mask, mask & (mask - 1) == 0 else { return nil }
        return mask.trailingZeroBitCount
    }

    private func isSingleRow(_ mask: UInt64) -> Bool {
        mask & (mask - 1) == 0 && graph.relations[mask.trailingZeroBitCount].isSingleRow
    }

    private func attach(_ index: Int, to base: Candidate, _ right: Candidate) -> Candidate? {
        let relation = graph.relations[index]
        guard let join = relation.attachment, relation.requires & ~base.mask == 0, attachedIndex(base.mask) == nil
        else { return nil }
        var left = PlanEstimate(rowCount: base.rowCount)
        for equality in join.equalities {
            if let owner = graph.relation(of: equality.left),
                let known = graph.relations[owner].estimate.columns[equality.left.id]
            {
                left.columns[equality.left.id] = known
            }
        }
        let rows = max(1, CardinalityEstimator.join(join, left, relation.estimate).rowCount)
        let cost = base.cost + Self.joinCost(base.rowCount, right.rowCount, rows)
        return Candidate(mask: base.mask | right.mask, cost: cost, rowCount: rows, tree: .attach(base.tree, index))
    }

    /// The share of the product of two sets that meets the conditions between them.
    private func selectivity(_ a: UInt64, _ b: UInt64) -> Double {
        let equalities = graph.equalities(a, b)
        var result = 1.0
        if !equalities.isEmpty {
            // Conditions between the same two relations together: a key of several columns.
            var byPair: [Int: [Join.Equality]] = [:]
            for equality in equalities {
                let left = graph.relation(of: equality.left) ?? 0
                let right = graph.relation(of: equality.right) ?? 0
                byPair[left * 64 + right, default: []].append(equality)
            }
            for (pair, equalities) in byPair {
                result /= CardinalityEstimator.divisor(
                    equalities, graph.relations[pair / 64].estimate, graph.relations[pair % 64].estimate)
            }
        }
        for residual in graph.residuals {
            guard residual.relations & ~(a | b) == 0, residual.relations & a != 0, residual.relations & b != 0 else {
                continue
            }
            var estimate = PlanEstimate(rowCount: 1_000_000)
            for column in residual.condition.columns {
                guard let owner = graph.relation(of: column) else { continue }
                estimate.columns[column.id] = graph.relations[owner].estimate.columns[column.id]
            }
            result *= SelectivityEstimator.share(of: residual.condition, in: estimate)
        }
        return result
    }
}
