import Columnar
import Functions
import SQLTypes

/// Searched CASE (and IF): each branch is evaluated for its own rows only.
final class CaseNode: ExpressionNode {
    private let branches: [(condition: ExpressionNode, result: ExpressionNode)]
    private let otherwise: ExpressionNode

    init(_ branches: [(ExpressionNode, ExpressionNode)], _ otherwise: ExpressionNode, _ type: DataType) {
        self.branches = branches.map { (condition: $0.0, result: $0.1) }
        self.otherwise = otherwise
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        var open = input
        var parts: [Blend.Part] = []
        for branch in branches {
            if open.rows.selectedCount == 0 { break }
            let taken = try branch.condition.select(open)
            if taken.count == 0 { continue }
            if taken.count == open.rows.selectedCount {
                // All that is left goes here.
                parts.append(Blend.Part(try branch.result.evaluate(open), open.rows))
                open = open.with(.none)
                break
            }
            let own = open.with(taken)
            parts.append(Blend.Part(try branch.result.evaluate(own), own.rows))
            open = open.with(Selecting.without(open.rows, taken))
        }
        if open.rows.selectedCount > 0 { parts.append(Blend.Part(try otherwise.evaluate(open), open.rows)) }
        return Blend.blend(parts, type, count: count)
    }

    override func select(_ input: NodeInput) throws -> Selection {
        var open = input
        var kept: [Selection] = []
        for branch in branches {
            if open.rows.selectedCount == 0 { break }
            let taken = try branch.condition.select(open)
            if taken.count == 0 { continue }
            kept.append(try branch.result.select(open.with(taken)))
            open = open.with(Selecting.without(open.rows, taken))
        }
        if open.rows.selectedCount > 0 { kept.append(try otherwise.select(open)) }
        return Selecting.union(kept.filter { $0.count > 0 }, count: input.rows.count)
    }
}

/// COALESCE: each term is evaluated for the rows that are still NULL.
final class CoalesceNode: ExpressionNode {
    private let terms: [ExpressionNode]

    init(_ terms: [ExpressionNode], _ type: DataType) {
        self.terms = terms
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        var open = input
        var parts: [Blend.Part] = []
        for term in terms {
            if open.rows.selectedCount == 0 { break }
            let value = try term.evaluate(open)
            let missing = Selecting.rowsNull(value, open.rows, isNull: true)
            if missing.count == 0 {
                parts.append(Blend.Part(value, open.rows))
                open = open.with(.none)
                break
            }
            if missing.count < open.rows.selectedCount {
                parts.append(
                    Blend.Part(value, Rows(count: open.rows.count, selection: Selecting.without(open.rows, missing))))
            }
            open = open.with(missing)
        }
        if open.rows.selectedCount > 0 { parts.append(Blend.Part(.nulls(type, input.rows.count), open.rows)) }
        return Blend.blend(parts, type, count: input.rows.count)
    }
}

/// NULLIF(a, b): a, or NULL where they are equal.
final class NullIfNode: ExpressionNode {
    private let first: ExpressionNode
    private let second: ExpressionNode
    private let casts: (first: CastKernel?, second: CastKernel?)
    private let common: DataType

    init(_ first: ExpressionNode, _ second: ExpressionNode) throws {
        self.first = first
        self.second = second
        common = TypeCoercion.commonSuperType(first.type, second.type) ?? first.type
        let context = EvaluationContext(startMicroseconds: 0)
        casts = (
            first.type == common
                ? nil : try CastKernels.make(from: first.type, to: common, isTry: false, context: context),
            second.type == common
                ? nil : try CastKernels.make(from: second.type, to: common, isTry: false, context: context)
        )
        super.init(first.type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(type, count) }
        let value = try first.evaluate(input)
        let other = try second.evaluate(input)
        let left = try casts.first.map { try $0(value, input.rows) } ?? value
        let right = try casts.second.map { try $0(other, input.rows) } ?? other
        let equal = Selecting.rowsTrue(
            try ComparisonKernels.evaluate(.equal, left.materialized(count), right, input.rows), input.rows)
        if equal.count == 0 { return value }
        if equal.count == input.rows.selectedCount { return .nulls(type, count) }
        return Blend.blend(
            [
                Blend.Part(value, Rows(count: count, selection: Selecting.without(input.rows, equal))),
                Blend.Part(.nulls(type, count), Rows(count: count, selection: equal)),
            ], type, count: count)
    }
}

/// TRY: rows whose evaluation raises an error that TRY catches are NULL. All rows are tried at once; on an error they
/// are halved until the bad rows stand alone.
final class TryNode: ExpressionNode {
    private let inner: ExpressionNode

    init(_ inner: ExpressionNode) {
        self.inner = inner
        super.init(inner.type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        do {
            return try inner.evaluate(input)
        } catch let error as QueryError where error.code.isCaughtByTry {
            var parts: [Blend.Part] = []
            try halve(input, Selecting.all(input.rows), &parts)
            return Blend.blend(parts, type, count: input.rows.count)
        }
    }

    private func halve(_ input: NodeInput, _ selection: Selection, _ parts: inout [Blend.Part]) throws {
        if selection.count == 1 {
            parts.append(Blend.Part(.nulls(type, input.rows.count), input.with(selection).rows))
            return
        }
        let middle = selection.count / 2
        for half in [selection.part(0, middle), selection.part(middle, selection.count - middle)] {
            let own = input.with(half)
            do {
                parts.append(Blend.Part(try inner.evaluate(own), own.rows))
            } catch let error as QueryError where error.code.isCaughtByTry {
                try halve(input, half, &parts)
            }
        }
    }
}

/// A cast between two types.
final class CastNode: ExpressionNode {
    private let inner: ExpressionNode
    private let kernel: CastKernel

    init(_ inner: ExpressionNode, _ kernel: @escaping CastKernel, _ type: DataType) {
        self.inner = inner
        self.kernel = kernel
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(type, count) }
        let value = try inner.evaluate(input)
        if value.isConstant {
            if value.isNull(0) { return .nulls(type, count) }
            return try kernel(value.repeated(1), Rows(count: 1)).flattened().asConstant(count)
        }
        return try kernel(value, input.rows)
    }
}

/// A field of a row.
final class FieldNode: ExpressionNode {
    private let inner: ExpressionNode
    private let index: Int

    init(_ inner: ExpressionNode, _ index: Int, _ type: DataType) {
        self.inner = inner
        self.index = index
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(type, count) }
        let value = try inner.evaluate(input)
        switch value.encoding {
        case .flat: return value.children[index]
        case .constant:
            if value.isNull(0) { return .nulls(type, count) }
            return value.children[index].slice(offset: 0, count: 1).flattened().asConstant(count)
        case .dictionary:
            guard let dictionary = value.dictionary, let codes = value.codes else { return .nulls(type, count) }
            let gathered = dictionary.children[index].gather(codes, count: count)
            return gathered.maskedNulls(value)
        }
    }
}

/// ROW(...).
final class MakeRowNode: ExpressionNode {
    private let terms: [ExpressionNode]

    init(_ terms: [ExpressionNode], _ type: DataType) {
        self.terms = terms
        super.init(type)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let count = input.rows.count
        if input.rows.selectedCount == 0 { return .nulls(type, count) }
        return Vector(rowOf: try terms.map { try $0.evaluate(input).materialized(count) }, type: type, count: count)
    }
}

extension Vector {
    /// The vector with the nulls of `other` added to its own.
    func maskedNulls(_ other: Vector) -> Vector {
        guard other.mayHaveNulls else { return self }
        let flat = flattened()
        let merged = Kernel.mergedValidity([flat, other], count: count)
        return Vector(
            type: type, count: count, values: flat.values, validity: merged.bits, children: flat.children,
            owners: flat.owners + merged.owners)
    }
}

extension Selection {
    /// `count` positions from `start` on.
    func part(_ start: Int, _ count: Int) -> Selection {
        let buffer = Selecting.makeBuffer(count)
        let out = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        for index in 0..<count { out[index] = indices[start + index] }
        return Selection(buffer, count: count)
    }
}
