import Columnar
import Functions
import SQLTypes

/// A conjunction. As a filter each term sees only the rows that the ones before it left; neighbours that cannot raise
/// are put in the order of least cost per dropped row, by their measured selectivity.
final class AndNode: ExpressionNode {
    struct Term {
        let node: ExpressionNode
        let cannotRaise: Bool
        let cost: Double
        /// Share of rows that pass, smoothed.
        var passing = 0.5

        init(_ node: ExpressionNode, cannotRaise: Bool, cost: Double) {
            self.node = node
            self.cannotRaise = cannotRaise
            self.cost = max(cost, 0.5)
        }

        /// Cost per row dropped: the least goes first (Hellerstein and Stonebraker 1993).
        var rank: Double { cost / max(1 - passing, 0.001) }
    }

    private var terms: [Term]
    private var batches = 0

    init(_ terms: [Term]) {
        self.terms = terms
        super.init(.boolean)
        reorder()
    }

    /// Sorts each run of terms that cannot raise.
    private func reorder() {
        var start = 0
        while start < terms.count {
            var end = start
            while end < terms.count, terms[end].cannotRaise { end += 1 }
            if end - start > 1 { terms[start..<end].sort { $0.rank < $1.rank } }
            start = end + 1
        }
    }

    override func select(_ input: NodeInput) throws -> Selection {
        var current = input
        var selection: Selection?
        for index in terms.indices {
            let before = current.rows.selectedCount
            if before == 0 { return .none }
            let kept = try terms[index].node.select(current)
            let share = Double(kept.count) / Double(before)
            terms[index].passing += (share - terms[index].passing) * 0.1
            selection = kept
            // When nothing was dropped, later terms keep the dense path.
            if kept.count < before { current = input.with(kept) }
        }
        batches += 1
        if batches & 15 == 0 { reorder() }
        return selection ?? Selecting.all(input.rows)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        let builder = FlatBuilder(.boolean, capacity: count)
        let target = builder.pointer(as: UInt8.self)
        target.update(repeating: 1, count: count)
        var open = input
        for term in terms {
            if open.rows.selectedCount == 0 { break }
            let value = try term.node.evaluate(open)
            let view = value.view
            open.rows.forEach { row in
                if !view.isValid(row) {
                    builder.setNull(row)
                } else if view.load(row, as: UInt8.self) == 0 {
                    target[row] = 0
                    if builder.hasNulls { Validity.setValid(builder.validity, row) }
                } else if builder.hasNulls, !Validity.isValid(builder.validity, row) {
                    target[row] = 0
                }
            }
            // Rows that are false are decided; NULL may still become false.
            let flags = builder.pointer(as: UInt8.self)
            let decided = builder.hasNulls ? UnsafePointer(builder.validity) : nil
            open = open.with(
                Selecting.filtered(open.rows) { row in flags[row] != 0 || !Validity.isValid(decided, row) })
        }
        return builder.finish(count: count)
    }
}

/// A disjunction: each term sees only the rows that no earlier one took.
final class OrNode: ExpressionNode {
    private let terms: [ExpressionNode]

    init(_ terms: [ExpressionNode]) {
        self.terms = terms
        super.init(.boolean)
    }

    override func select(_ input: NodeInput) throws -> Selection {
        var open = input
        var taken: [Selection] = []
        for term in terms {
            if open.rows.selectedCount == 0 { break }
            let kept = try term.select(open)
            guard kept.count > 0 else { continue }
            taken.append(kept)
            open = open.with(Selecting.without(open.rows, kept))
        }
        if taken.count <= 1 { return taken.first ?? .none }
        // What no term took is open: the rest, in order, is the union.
        if open.rows.selectedCount == 0 { return Selecting.all(input.rows) }
        return Selecting.without(input.rows, Selecting.all(open.rows))
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        let builder = FlatBuilder(.boolean, capacity: count)
        builder.zero()
        let target = builder.pointer(as: UInt8.self)
        var open = input
        for term in terms {
            if open.rows.selectedCount == 0 { break }
            let value = try term.evaluate(open)
            let view = value.view
            open.rows.forEach { row in
                if !view.isValid(row) {
                    Validity.setNull(builder.validity, row)
                } else if view.load(row, as: UInt8.self) != 0 {
                    target[row] = 1
                    if builder.hasNulls { Validity.setValid(builder.validity, row) }
                }
            }
            open = open.with(Selecting.filtered(open.rows) { target[$0] == 0 })
        }
        return builder.finish(count: count)
    }
}

/// NOT: NULL stays NULL.
final class NotNode: ExpressionNode {
    private let inner: ExpressionNode

    init(_ inner: ExpressionNode) {
        self.inner = inner
        super.init(.boolean)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        Kernel.unary(try inner.evaluate(input), input.rows, as: .boolean, UInt8.self, UInt8.self) { $0 ^ 1 }
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        return Selecting.rowsFalse(try inner.evaluate(input), input.rows)
    }
}

/// IS [NOT] NULL.
final class IsNullNode: ExpressionNode {
    private let inner: ExpressionNode
    private let isNegated: Bool

    init(_ inner: ExpressionNode, isNegated: Bool) {
        self.inner = inner
        self.isNegated = isNegated
        super.init(.boolean)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(.boolean, count) }
        let value = try inner.evaluate(input)
        guard let validity = value.view.validity else {
            return .constant(.boolean(isNegated), .boolean, count: count)
        }
        let builder = FlatBuilder(.boolean, capacity: count)
        let target = builder.pointer(as: UInt8.self)
        let flip: UInt8 = isNegated ? 0 : 1
        for row in 0..<count {
            target[row] = UInt8(truncatingIfNeeded: (validity[row &>> 6] &>> UInt64(row & 63)) & 1) ^ flip
        }
        return builder.finish(count: count)
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        return Selecting.rowsNull(try inner.evaluate(input), input.rows, isNull: !isNegated)
    }
}

/// A comparison of two operands of one type.
final class ComparisonNode: ExpressionNode {
    private let op: ComparisonKernels.Operator
    private let left: ExpressionNode
    private let right: ExpressionNode

    init(_ op: ComparisonKernels.Operator, _ left: ExpressionNode, _ right: ExpressionNode) {
        self.op = op
        self.left = left
        self.right = right
        super.init(.boolean)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        if input.rows.selectedCount == 0 { return .nulls(.boolean, input.rows.count) }
        let a = try left.evaluate(input)
        let b = try right.evaluate(input)
        if a.isConstant, b.isConstant {
            return try ComparisonKernels.evaluate(op, a.repeated(1), b.repeated(1), Rows(count: 1)).flattened()
                .asConstant(input.rows.count)
        }
        return try ComparisonKernels.evaluate(op, a, b, input.rows)
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        return try ComparisonKernels.select(op, try left.evaluate(input), try right.evaluate(input), input.rows)
    }
}

/// `low <= operand <= high` with constant bounds, in one pass.
final class RangeNode: ExpressionNode {
    private let operand: ExpressionNode
    private let low: Vector
    private let high: Vector
    private let includesLow: Bool
    private let includesHigh: Bool

    init(
        _ operand: ExpressionNode, _ low: Value, _ includesLow: Bool, _ high: Value, _ includesHigh: Bool,
        _ operandType: DataType
    ) {
        self.operand = operand
        self.low = Vector.constant(low, operandType, count: 1)
        self.high = Vector.constant(high, operandType, count: 1)
        self.includesLow = includesLow
        self.includesHigh = includesHigh
        super.init(.boolean)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let value = try operand.evaluate(input)
        let above = try ComparisonKernels.evaluate(
            includesLow ? .greaterOrEqual : .greater, value, low.repeated(input.rows.count), input.rows)
        let below = try ComparisonKernels.evaluate(
            includesHigh ? .lessOrEqual : .less, value, high.repeated(input.rows.count), input.rows)
        return Kernel.binary(above, below, input.rows, as: .boolean, UInt8.self, UInt8.self, UInt8.self) { $0 & $1 }
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        let value = try operand.evaluate(input)
        if !value.isConstant,
            let kept = ComparisonKernels.selectRange(value, low: low, includesLow, high: high, includesHigh, input.rows)
        {
            return kept
        }
        let above = try ComparisonKernels.select(
            includesLow ? .greaterOrEqual : .greater, value, low.repeated(input.rows.count), input.rows)
        return try ComparisonKernels.select(
            includesHigh ? .lessOrEqual : .less, value, high.repeated(input.rows.count),
            Rows(count: input.rows.count, selection: above))
    }
}
