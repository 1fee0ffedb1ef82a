import Columnar
import Functions
import SQLTypes

/// A call of a scalar function.
final class CallNode: ExpressionNode {
    private let kernel: ScalarKernel
    private let arguments: [ExpressionNode]
    private let lambdas: [LambdaBody]
    private let context: EvaluationContext
    private let propagatesNull: Bool
    private let isDeterministic: Bool
    private let position: SourcePosition?

    init(
        _ call: FunctionCall, _ kernel: @escaping ScalarKernel, _ arguments: [ExpressionNode], _ lambdas: [LambdaBody],
        _ context: EvaluationContext
    ) {
        self.kernel = kernel
        self.arguments = arguments
        self.lambdas = lambdas
        self.context = context
        propagatesNull = call.function.nulls == .propagate
        isDeterministic = call.function.isDeterministic
        position = call.position
        super.init(call.signature.result)
    }

    override func evaluate(_ input: NodeInput) throws -> Vector {
        let rows = input.rows
        if rows.selectedCount == 0 { return .nulls(type, rows.count) }
        var values: [Vector] = []
        values.reserveCapacity(arguments.count)
        var areConstant = lambdas.isEmpty && isDeterministic && !arguments.isEmpty
        for argument in arguments {
            let value = try argument.evaluate(input)
            if value.isConstant {
                if propagatesNull, lambdas.isEmpty, value.isNull(0) { return .nulls(type, rows.count) }
            } else {
                areConstant = false
            }
            values.append(value)
        }
        do {
            if areConstant {
                let call = KernelCall(arguments: values.map { $0.repeated(1) }, rows: Rows(count: 1), context: context)
                return try kernel(call).flattened().asConstant(rows.count)
            }
            if lambdas.isEmpty {
                return try kernel(KernelCall(arguments: values, rows: rows, context: context))
            }
            let runners = lambdas.map { LambdaRunner($0, input) }
            return try kernel(KernelCall(arguments: values, rows: rows, context: context, lambdas: runners))
        } catch let error as QueryError {
            throw error.at(position)
        }
    }
}

/// A lambda's body, compiled over a frame of its parameters followed by captured columns.
final class LambdaBody {
    let body: ExpressionNode
    let cache: SharedResults
    let parameterCount: Int
    /// Channels of the enclosing frame.
    let captured: [Int]

    init(_ body: ExpressionNode, _ cache: SharedResults, parameterCount: Int, captured: [Int]) {
        self.body = body
        self.cache = cache
        self.parameterCount = parameterCount
        self.captured = captured
    }
}

/// A lambda during one call of the function that takes it.
final class LambdaRunner: LambdaEvaluator {
    /// Calls evaluated at once: constants have a longest length.
    private static let chunk = 32_768
    private let lambda: LambdaBody
    private let input: NodeInput

    init(_ lambda: LambdaBody, _ input: NodeInput) {
        self.lambda = lambda
        self.input = input
    }

    func evaluate(_ parameters: [Vector], origins: UnsafePointer<UInt32>, count: Int) throws -> Vector {
        if count <= Self.chunk { return try evaluateChunk(parameters, origins, count) }
        var parts: [Vector] = []
        var offset = 0
        while offset < count {
            let size = min(Self.chunk, count - offset)
            parts.append(
                try evaluateChunk(parameters.map { $0.slice(offset: offset, count: size) }, origins + offset, size))
            offset += size
        }
        return Vector.concatenate(parts, type: lambda.body.type)
    }

    private func evaluateChunk(_ parameters: [Vector], _ origins: UnsafePointer<UInt32>, _ count: Int) throws -> Vector
    {
        var columns = Array(parameters.prefix(lambda.parameterCount))
        for channel in lambda.captured { columns.append(input.columns[channel].gather(origins, count: count)) }
        let rows = Rows(count: count)
        lambda.cache.begin()
        defer { lambda.cache.end() }
        return try lambda.body.evaluate(NodeInput(columns: columns, rows: rows, root: rows))
    }
}

extension Vector {
    /// The first lane for `count` rows.
    func asConstant(_ count: Int) -> Vector {
        Vector(
            type: type, encoding: .constant, count: count, values: values, validity: validity, children: children,
            owners: owners)
    }
}
