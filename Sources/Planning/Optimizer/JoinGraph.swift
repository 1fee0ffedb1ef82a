import Expressions

/// The relations of a cluster of joins that may be joined in any order, and what connects them.
///
/// Besides inner joins a cluster holds *attached* relations: the right sides of semi, anti, mark and left joins, which
/// can be joined at any point after the relations that their conditions read (`requires`).
struct JoinGraph {
    struct Relation {
        var plan: LogicalPlan
        var estimate: PlanEstimate
        var columns: Set<ColumnReference>
        /// The join that attaches the relation to others; its `left` is not used. nil for an ordinary relation.
        var attachment: Join?
        /// Relations that must be there before the attached one, as bits.
        var requires: UInt64 = 0
        /// Joins with anything at no cost: one row.
        var isSingleRow: Bool
    }

    /// Columns that are equal to each other through `=`: at most one comparison is needed where two sets meet.
    struct EqualityClass {
        var columns: [(relation: Int, column: ColumnReference)]
        /// Some relation has two columns in the class, so that every written equality must be checked.
        var hasTwoOfOneRelation: Bool
        var relations: UInt64
    }

    struct Edge {
        var left: Int
        var right: Int
        var equality: Join.Equality
        /// Position in `classes`; nil for null-safe equalities.
        var equalityClass: Int?
    }

    var relations: [Relation] = []
    var edges: [Edge] = []
    var classes: [EqualityClass] = []
    /// Other conditions, with the relations they read.
    var residuals: [(condition: BoundExpression, relations: UInt64)] = []

    var count: Int { relations.count }

    func relation(of column: ColumnReference) -> Int? { relations.firstIndex { $0.columns.contains(column) } }

    func mask(of columns: Set<ColumnReference>) -> UInt64? {
        var mask: UInt64 = 0
        for column in columns {
            guard let index = relation(of: column) else { return nil }
            mask |= 1 << UInt64(index)
        }
        return mask
    }

    /// Groups the equalities into classes. Called once, when all edges are known.
    mutating func makeClasses(_ equalities: [Join.Equality]) -> Bool {
        var parents: [ColumnReference: ColumnReference] = [:]
        func root(_ column: ColumnReference) -> ColumnReference {
            var current = column
            while let parent = parents[current], parent != current { current = parent }
            return current
        }
        for equality in equalities where !equality.isNullSafe {
            let (a, b) = (root(equality.left), root(equality.right))
            if parents[a] == nil { parents[a] = a }
            if parents[b] == nil { parents[b] = b }
            if a != b { parents[b] = a }
        }
        var positions: [ColumnReference: Int] = [:]
        func add(_ column: ColumnReference, _ relation: Int) -> Int {
            let top = root(column)
            let index: Int
            if let known = positions[top] {
                index = known
            } else {
                index = classes.count
                positions[top] = index
                classes.append(EqualityClass(columns: [], hasTwoOfOneRelation: false, relations: 0))
            }
            if !classes[index].columns.contains(where: { $0.column == column }) {
                let bit: UInt64 = 1 << UInt64(relation)
                if classes[index].relations & bit != 0 { classes[index].hasTwoOfOneRelation = true }
                classes[index].relations |= bit
                classes[index].columns.append((relation, column))
            }
            return index
        }
        for equality in equalities {
            guard let left = relation(of: equality.left), let right = relation(of: equality.right) else { return false }
            if left == right {
                residuals.append(
                    (
                        .comparison(
                            equality.isNullSafe ? .isNotDistinctFrom : .equal, .column(equality.left),
                            .column(equality.right)), 1 << UInt64(left)
                    ))
                continue
            }
            if equality.isNullSafe {
                edges.append(Edge(left: left, right: right, equality: equality, equalityClass: nil))
            } else {
                let index = add(equality.left, left)
                _ = add(equality.right, right)
                edges.append(Edge(left: left, right: right, equality: equality, equalityClass: index))
            }
        }
        return true
    }

    /// The equalities to compare where two sets of relations meet.
    func equalities(_ left: UInt64, _ right: UInt64) -> [Join.Equality] {
        var result: [Join.Equality] = []
        var covered: Set<Int> = []
        for edge in edges {
            let a: UInt64 = 1 << UInt64(edge.left)
            let b: UInt64 = 1 << UInt64(edge.right)
            let isForward = left & a != 0 && right & b != 0
            let isBackward = left & b != 0 && right & a != 0
            guard isForward || isBackward else { continue }
            if let index = edge.equalityClass {
                if covered.contains(index), !classes[index].hasTwoOfOneRelation { continue }
                covered.insert(index)
            }
            let equality = edge.equality
            result.append(
                isForward
                    ? equality : Join.Equality(equality.right, equality.left, isNullSafe: equality.isNullSafe))
        }
        // Columns that are equal by way of a third one.
        for (index, equalityClass) in classes.enumerated() where !covered.contains(index) {
            guard equalityClass.relations & left != 0, equalityClass.relations & right != 0 else { continue }
            guard let a = equalityClass.columns.first(where: { left & (1 << UInt64($0.relation)) != 0 }),
                let b = equalityClass.columns.first(where: { right & (1 << UInt64($0.relation)) != 0 })
            else { continue }
            result.append(Join.Equality(a.column, b.column))
        }
        return result
    }

    /// Ordinary relations that an equality connects with relation `index`.
    func neighbours(of index: Int) -> UInt64 {
        let bit: UInt64 = 1 << UInt64(index)
        var mask: UInt64 = 0
        for equalityClass in classes where equalityClass.relations & bit != 0 { mask |= equalityClass.relations }
        for edge in edges where edge.left == index || edge.right == index {
            mask |= 1 << UInt64(edge.left) | 1 << UInt64(edge.right)
        }
        return mask & ~bit
    }
}
