import Columnar
import SQLTypes

/// A literal.
final class ConstantNode: ExpressionNode {
    private let value: Vector
    private var last: Vector

    init(_ value: Value, _ type: DataType) {
        self.value = Vector.constant(value, type, count: 1)
        last = self.value
        super.init(type)
    }

    override var constant: Vector? { value }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        if last.count != input.rows.count { last = value.repeated(input.rows.count) }
        return last
    }
}

/// A column of the frame.
final class ColumnNode: ExpressionNode {
    let channel: Int

    init(_ channel: Int, _ type: DataType) {
        self.channel = channel
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector { input.columns[channel] }
}

/// A subexpression that occurs more than once: evaluated once per batch for the rows of its first use, again only when
/// a later use wants other rows.
final class SharedNode: ExpressionNode {
    private let body: ExpressionNode
    private let cache: SharedResults
    private let slot: Int

    init(_ body: ExpressionNode, _ cache: SharedResults, slot: Int) {
        self.body = body
        self.cache = cache
        self.slot = slot
        super.init(body.type)
    }

    override var constant: Vector? { body.constant }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        if let known = cache.result(slot, input) { return known }
        let vector = try body.evaluate(input)
        cache.store(slot, vector, input)
        return vector
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if let known = cache.result(slot, input) { return Selecting.rowsTrue(known, input.rows) }
        return try body.select(input)
    }
}

/// An expression of one column that cannot raise: run once per dictionary entry, and the results kept for as long as
/// batches come with the same dictionary.
final class DictionaryNode: ExpressionNode {
    private let direct: ExpressionNode
    private let body: ExpressionNode
    private let channel: Int
    private let columnType: DataType
    private var dictionary: Vector?
    private var entries: Vector?
    /// For predicates: 1 per entry that passes.
    private var flags: Buffer?
    /// Rows seen of a dictionary that was too big to be worth it so far.
    private var seenRows = 0
    /// The body's value for NULL, made on first use.
    private lazy var nullResult: Vector? = {
        let one = Rows(count: 1)
        return try? body.evaluate(
            NodeInput(columns: [Vector.constant(.null, columnType, count: 1)], rows: one, root: one))
    }()

    init(_ direct: ExpressionNode, body: ExpressionNode, channel: Int, column: DataType) {
        self.direct = direct
        self.body = body
        self.channel = channel
        columnType = column
        super.init(direct.type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let column = input.columns[channel]
        guard let entries = try entries(of: column, input.rows) else { return try direct.evaluate(input) }
        if column.mayHaveNulls {
            // A null row's code is any entry: right only where NULL gives NULL.
            guard let nullResult, nullResult.isNull(0) else { return try direct.evaluate(input) }
        }
        return Kernel.rewrapped(column, entries: entries)
    }

    override func select(_ input: NodeInput) throws -> Selection {
        if input.rows.selectedCount == 0 { return .none }
        let column = input.columns[channel]
        guard let entries = try entries(of: column, input.rows) else { return try direct.select(input) }
        if column.mayHaveNulls {
            guard let nullResult, nullResult.isNull(0) || nullResult.value(at: 0) == .boolean(false) else {
                return try direct.select(input)
            }
        }
        let marks: Buffer
        if let flags {
            marks = flags
        } else {
            marks = Buffer(byteCount: max(entries.count, 1))
            let target = marks.pointer.assumingMemoryBound(to: UInt8.self)
            let view = entries.view
            for entry in 0..<entries.count {
                target[entry] = view.isValid(entry) && view.load(entry, as: UInt8.self) != 0 ? 1 : 0
            }
            flags = marks
        }
        return Selecting.rowsByEntry(column, input.rows, marks.pointer.assumingMemoryBound(to: UInt8.self))
    }

    /// The results for the column's dictionary, nil when the rows are better worked on directly.
    private func entries(of column: Vector, _ rows: Rows) throws -> Vector? {
        guard let dictionary = column.dictionary else { return nil }
        if self.dictionary === dictionary, let entries { return entries }
        if self.dictionary !== dictionary {
            self.dictionary = dictionary
            entries = nil
            flags = nil
            seenRows = 0
        }
        seenRows += rows.selectedCount
        guard dictionary.count <= seenRows else { return nil }
        var parts: [Vector] = []
        var offset = 0
        while offset < dictionary.count {
            // Constants have a longest length.
            let size = min(dictionary.count - offset, ConstantLanes.limit / 2)
            let rows = Rows(count: size)
            let slice = dictionary.slice(offset: offset, count: size)
            parts.append(try body.evaluate(NodeInput(columns: [slice], rows: rows, root: rows)))
            offset += size
        }
        let made = Vector.concatenate(parts, type: type)
        entries = made
        return made
    }
}

extension Vector {
    /// A constant for another count of rows.
    func repeated(_ count: Int) -> Vector {
        Vector(
            type: type, encoding: .constant, count: count, values: values, validity: validity, children: children,
            owners: owners)
    }

    /// NULL for all rows.
    static func nulls(_ type: DataType, _ count: Int) -> Vector { .constant(.null, type, count: count) }
}
