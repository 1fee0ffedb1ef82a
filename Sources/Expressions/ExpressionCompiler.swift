import Columnar
import Functions
import SQLTypes

/// Turns bound expressions into nodes.
///
/// ```
/// a + 1 > b AND s LIKE '%x%'      AndNode
///                                 ├── ComparisonNode(>)
///                                 │   ├── CallNode($add) ── ColumnNode(a), ConstantNode(1)
///                                 │   └── ColumnNode(b)
///                                 └── DictionaryNode(s) ── CallNode($like) ...
/// ```
struct ExpressionCompiler {
    let layout: [Int: Int]
    let context: EvaluationContext
    let cache: SharedResults
    /// Subexpressions that occur more than once, and their shared node once it is made.
    private var uses: [BoundExpression: Int] = [:]
    private var shared: [BoundExpression: ExpressionNode] = [:]
    /// Inside a dictionary node nothing is shared: it runs over other rows.
    private var sharesResults = true
    private var wrapsDictionaries = true

    init(layout: [Int: Int], context: EvaluationContext, cache: SharedResults) {
        self.layout = layout
        self.context = context
        self.cache = cache
    }

    /// Counts subexpressions; call once, before `compile`.
    mutating func countUses(_ expressions: [BoundExpression]) {
        for expression in expressions { count(expression) }
        uses = uses.filter { $0.value > 1 }
    }

    private mutating func count(_ expression: BoundExpression) {
        switch expression {
        case .constant, .column, .lambda: return
        default: break
        }
        let known = uses[expression, default: 0]
        uses[expression] = known + 1
        // The parts of a repeated expression are shared with it.
        if known == 0 { for child in expression.children { count(child) } }
    }

    mutating func compile(_ expression: BoundExpression) throws -> ExpressionNode {
        if sharesResults, uses[expression] != nil, expression.isDeterministic {
            if let node = shared[expression] { return node }
            let node = SharedNode(try compilePlain(expression), cache, slot: cache.addSlot())
            shared[expression] = node
            return node
        }
        return try compilePlain(expression)
    }

    private mutating func compilePlain(_ expression: BoundExpression) throws -> ExpressionNode {
        if wrapsDictionaries, let column = dictionaryColumn(of: expression), let channel = layout[column.id] {
            // The same expression over the one column as channel 0, run on entries.
            var inner = ExpressionCompiler(layout: [column.id: 0], context: context, cache: cache)
            inner.sharesResults = false
            inner.wrapsDictionaries = false
            let body = try inner.compile(expression)
            wrapsDictionaries = false
            defer { wrapsDictionaries = true }
            return DictionaryNode(try makeNode(expression), body: body, channel: channel, column: column.type)
        }
        return try makeNode(expression)
    }

    /// The only column of an expression that may run on dictionary entries: deterministic, raising nothing.
    private func dictionaryColumn(of expression: BoundExpression) -> ColumnReference? {
        switch expression {
        case .constant, .column, .lambda, .field, .makeRow: return nil
        default: break
        }
        let columns = expression.columns
        guard columns.count == 1, let column = columns.first, !column.type.isNested, expression.cannotRaise,
            expression.isDeterministic, !expression.holdsLambda
        else { return nil }
        return column
    }

    private mutating func makeNode(_ expression: BoundExpression) throws -> ExpressionNode {
        switch expression {
        case .constant(let value, let type): return ConstantNode(value, type)
        case .column(let column):
            guard let channel = layout[column.id] else {
                throw QueryError(.genericInternalError, "Column '\(column.name)' is not in the operator's input")
            }
            return ColumnNode(channel, column.type)
        case .call(let call): return try makeCall(call)
        case .comparison(let op, let left, let right): return try makeComparison(op, left, right)
        case .and(let terms): return AndNode(try fusedTerms(terms))
        case .or(let terms): return OrNode(try terms.map { try compile($0) })
        case .not(let inner): return try makeNot(inner)
        case .isNull(let inner): return IsNullNode(try compile(inner), isNegated: false)
        case .inList(let value, let list): return try makeInList(value, list)
        case .caseWhen(let branches, let otherwise, let type):
            return CaseNode(
                try branches.map { (try compile($0.condition), try compile($0.result)) }, try compile(otherwise), type)
        case .coalesce(let terms, let type): return CoalesceNode(try terms.map { try compile($0) }, type)
        case .nullIf(let first, let second): return try NullIfNode(try compile(first), try compile(second))
        case .tryExpression(let inner): return TryNode(try compile(inner))
        case .cast(let inner, let type, let isTry):
            let source = inner.type
            let node = try compile(inner)
            if source == type { return node }
            return CastNode(node, try CastKernels.make(from: source, to: type, isTry: isTry, context: context), type)
        case .field(let inner, let index, let type): return FieldNode(try compile(inner), index, type)
        case .makeRow(let terms, let type): return MakeRowNode(try terms.map { try compile($0) }, type)
        case .lambda:
            throw QueryError(.genericInternalError, "A lambda stands outside a function call")
        }
    }

    private mutating func makeCall(_ call: FunctionCall) throws -> ExpressionNode {
        var arguments: [ExpressionNode] = []
        var lambdas: [LambdaBody] = []
        for argument in call.arguments {
            if case .lambda(let parameters, let body) = argument {
                lambdas.append(try makeLambda(parameters, body))
                arguments.append(ConstantNode(.null, .unknown))
            } else {
                arguments.append(try compile(argument))
            }
        }
        let kernel: ScalarKernel
        do {
            kernel = try call.function.makeKernel(call.signature)
        } catch let error as QueryError {
            throw error.at(call.position)
        }
        return CallNode(call, kernel, arguments, lambdas, context)
    }

    /// A body compiled over a frame of its own: the parameters, then the captured columns.
    private func makeLambda(_ parameters: [ColumnReference], _ body: BoundExpression) throws -> LambdaBody {
        var inner: [Int: Int] = [:]
        for (channel, parameter) in parameters.enumerated() { inner[parameter.id] = channel }
        var captured: [Int] = []
        for column in body.columns.sorted(by: { $0.id < $1.id }) where inner[column.id] == nil {
            guard let channel = layout[column.id] else {
                throw QueryError(.genericInternalError, "Column '\(column.name)' is not in the lambda's frame")
            }
            inner[column.id] = parameters.count + captured.count
            captured.append(channel)
        }
        let cache = SharedResults()
        var compiler = ExpressionCompiler(layout: inner, context: context, cache: cache)
        compiler.countUses([body])
        return LambdaBody(
            try compiler.compile(body), cache, parameterCount: parameters.count, captured: captured)
    }

    private mutating func makeComparison(
        _ op: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression
    ) throws -> ExpressionNode {
        // Constants go to the right, where the fast paths are.
        if case .constant = left, !right.isConstant {
            return ComparisonNode(op.flipped.kernel, try compile(right), try compile(left))
        }
        return ComparisonNode(op.kernel, try compile(left), try compile(right))
    }

    private mutating func makeNot(_ inner: BoundExpression) throws -> ExpressionNode {
        switch inner {
        case .isNull(let operand): return IsNullNode(try compile(operand), isNegated: true)
        case .comparison(let op, let left, let right) where op == .equal || op == .notEqual || !left.type.holdsFloat:
            if left.type.isNested, op != .equal, op != .notEqual { break }
            return try compile(.comparison(op.negated, left, right))
        default: break
        }
        return NotNode(try compile(inner))
    }

    private mutating func makeInList(_ value: BoundExpression, _ list: [BoundExpression]) throws -> ExpressionNode {
        var constants: [Value] = []
        for item in list {
            guard case .constant(let constant, _) = item else {
                return InTermsNode(try compile(value), try list.map { try compile($0) })
            }
            constants.append(constant)
        }
        if value.type.isNested || value.type.isZonedOrFloat {
            return InTermsNode(try compile(value), try list.map { try compile($0) })
        }
        return InListNode(try compile(value), constants, value.type)
    }

    /// Terms of an AND, with `x >= a AND x <= b` of constants as one range.
    private mutating func fusedTerms(_ terms: [BoundExpression]) throws -> [AndNode.Term] {
        var fused: [AndNode.Term] = []
        var used = Set<Int>()
        for (index, term) in terms.enumerated() where !used.contains(index) {
            if let low = Bound(term, isLower: true) ?? Bound(term, isLower: false) {
                let partner = terms.indices.dropFirst(index + 1).first { other in
                    guard !used.contains(other), let bound = Bound(terms[other], isLower: !low.isLower) else {
                        return false
                    }
                    return bound.operand == low.operand
                }
                if let partner, let other = Bound(terms[partner], isLower: !low.isLower) {
                    used.insert(partner)
                    let (from, to) = low.isLower ? (low, other) : (other, low)
                    let node = RangeNode(
                        try compile(low.operand), from.value, from.isInclusive, to.value, to.isInclusive,
                        low.operand.type)
                    fused.append(AndNode.Term(node, cannotRaise: low.operand.cannotRaise, cost: 1))
                    continue
                }
            }
            fused.append(
                AndNode.Term(try compile(term), cannotRaise: term.cannotRaise, cost: Double(term.evaluationCost)))
        }
        return fused
    }

    /// `operand >= constant` and the like, of a type that `RangeNode` takes.
    private struct Bound {
        var operand: BoundExpression
        var value: Value
        var isLower: Bool
        var isInclusive: Bool

        init?(_ term: BoundExpression, isLower: Bool) {
            guard case .comparison(var op, var left, var right) = term else { return nil }
            if case .constant = left {
                swap(&left, &right)
                op = op.flipped
            }
            guard case .constant(let value, _) = right, !value.isNull else { return nil }
            switch left.type.physical {
            case .int8, .int16, .int32, .int64, .float, .double: break
            default: return nil
            }
            switch op {
            case .greater, .greaterOrEqual: guard isLower else { return nil }
            case .less, .lessOrEqual: guard !isLower else { return nil }
            default: return nil
            }
            operand = left
            self.value = value
            self.isLower = isLower
            isInclusive = op == .greaterOrEqual || op == .lessOrEqual
        }
    }
}

extension ComparisonOperator {
    var kernel: ComparisonKernels.Operator {
        switch self {
        case .equal: .equal
        case .notEqual: .notEqual
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .isDistinctFrom: .isDistinct
        case .isNotDistinctFrom: .isNotDistinct
        }
    }
}

extension DataType {
    /// NaN may lie in it: `NOT (a < b)` is not `a >= b`.
    fileprivate var holdsFloat: Bool {
        switch self {
        case .real, .double: true
        default: isNested
        }
    }

    fileprivate var isZonedOrFloat: Bool {
        switch self {
        case .real, .double, .timestampWithTimeZone, .timeWithTimeZone: true
        default: false
        }
    }
}
