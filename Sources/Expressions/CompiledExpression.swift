import Columnar
import Functions
import SQLTypes

/// An expression ready to run over batches: kernels made, columns bound to channels, common subexpressions shared.
///
/// ```
/// let filter = try CompiledExpression(predicate, layout: [7: 0, 9: 1], context: context)
/// let kept = try filter.select(batch, rows: batch.rows)
/// ```
/// One worker's own: nodes keep state between batches (compiled patterns, results per dictionary, selectivities).
public final class CompiledExpression {
    public let type: DataType
    private let root: ExpressionNode
    private let cache: SharedResults

    /// `layout` gives the channel of each column id. Raises what making a kernel raises (a bad constant pattern), but
    /// no error of a row.
    public init(_ expression: BoundExpression, layout: [Int: Int], context: EvaluationContext) throws {
        cache = SharedResults()
        var compiler = ExpressionCompiler(layout: layout, context: context, cache: cache)
        compiler.countUses([expression])
        root = try compiler.compile(expression)
        type = expression.type
    }

    /// The value for each of `rows`; other lanes hold anything harmless.
    public func evaluate(_ batch: Batch, rows: Rows) throws -> Vector {
        cache.begin()
        defer { cache.end() }
        return try root.evaluate(NodeInput(columns: batch.columns, rows: rows, root: rows))
    }

    /// The value for each row of the batch's selection.
    public func evaluate(_ batch: Batch) throws -> Vector { try evaluate(batch, rows: batch.rows) }

    /// Those of `rows` for which the predicate is true.
    public func select(_ batch: Batch, rows: Rows) throws -> Selection {
        cache.begin()
        defer { cache.end() }
        return try root.select(NodeInput(columns: batch.columns, rows: rows, root: rows))
    }
}

/// Several expressions over one batch, with common subexpressions evaluated once: a projection.
public final class CompiledProjection {
    public let types: [DataType]
    private let roots: [ExpressionNode]
    private let cache: SharedResults

    public init(_ expressions: [BoundExpression], layout: [Int: Int], context: EvaluationContext) throws {
        cache = SharedResults()
        var compiler = ExpressionCompiler(layout: layout, context: context, cache: cache)
        compiler.countUses(expressions)
        roots = try expressions.map { try compiler.compile($0) }
        types = expressions.map(\.type)
    }

    /// One vector per expression.
    public func evaluate(_ batch: Batch, rows: Rows) throws -> [Vector] {
        cache.begin()
        defer { cache.end() }
        let input = NodeInput(columns: batch.columns, rows: rows, root: rows)
        return try roots.map { try $0.evaluate(input) }
    }

    public func evaluate(_ batch: Batch) throws -> [Vector] { try evaluate(batch, rows: batch.rows) }
}

/// What a node is evaluated over: the frame's columns, the rows wanted of it, and the rows of the whole evaluation
/// (of which `rows` is always a part).
struct NodeInput {
    let columns: [Vector]
    let rows: Rows
    let root: Rows

    func with(_ selection: Selection) -> NodeInput {
        NodeInput(columns: columns, rows: Rows(count: rows.count, selection: selection), root: root)
    }
}

/// One step of a compiled expression. Subclasses override `evaluate`, and `select` where a selection can be made
/// without a vector of booleans.
class ExpressionNode {
    let type: DataType

    init(_ type: DataType) { self.type = type }

    /// A vector of `input.rows.count` lanes.
    func evaluate(_ input: NodeInput) throws -> Vector { preconditionFailure("evaluate is overridden") }

    /// The rows of the input for which the node (a boolean) is true.
    func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        return Selecting.rowsTrue(try evaluate(input), input.rows)
    }

    /// The value when it does not depend on the input.
    var constant: Vector? { nil }
}

/// Results of common subexpressions during one evaluation.
final class SharedResults {
    private var slots: [Vector?] = []
    private var selections: [Selection?] = []
    private var computedAll: [Bool] = []
    private var depth = 0

    func addSlot() -> Int {
        slots.append(nil)
        selections.append(nil)
        computedAll.append(false)
        return slots.count - 1
    }

    func begin() { depth += 1 }

    func end() {
        depth -= 1
        guard depth == 0 else { return }
        for index in slots.indices {
            slots[index] = nil
            selections[index] = nil
        }
    }

    /// The result in a slot, when it covers the rows that are wanted.
    func result(_ slot: Int, _ input: NodeInput) -> Vector? {
        guard let vector = slots[slot] else { return nil }
        if computedAll[slot] { return vector }
        if let selection = selections[slot], selection === input.rows.selection { return vector }
        return nil
    }

    func store(_ slot: Int, _ vector: Vector, _ input: NodeInput) {
        slots[slot] = vector
        selections[slot] = input.rows.selection
        // What holds for all rows of the evaluation holds for every part of them.
        computedAll[slot] = input.rows.selection == nil || input.rows.selection === input.root.selection
    }
}
