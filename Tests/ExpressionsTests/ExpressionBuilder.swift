import Columnar
import Expressions
import Functions
import SQLTypes

/// Bound expressions from names, as the binder makes them: overloads resolved, casts put in.
enum Make {
    static let context = EvaluationContext(startMicroseconds: 1_700_000_000_123_456)

    static func call(_ name: String, _ arguments: BoundExpression...) throws -> BoundExpression {
        let resolved = try FunctionRegistry.standard.resolveScalar(name: name, argumentTypes: arguments.map(\.type))
        let cast = zip(arguments, resolved.signature.arguments).map { argument, type in
            argument.type == type ? argument : .cast(argument, to: type, isTry: false)
        }
        return .call(FunctionCall(function: resolved.function, signature: resolved.signature, arguments: cast))
    }

    static func int(_ value: Int64) -> BoundExpression { .constant(.int(value), .integer) }
    static func bigint(_ value: Int64) -> BoundExpression { .constant(.int(value), .bigint) }
    static func text(_ value: String) -> BoundExpression {
        .constant(.string(value), .varchar(length: value.unicodeScalars.count))
    }
    static func double(_ value: Double) -> BoundExpression { .constant(.double(value), .double) }
    static func typed(_ type: DataType, _ value: String) throws -> BoundExpression {
        let literal = try Literal.typed(type, value)
        return .constant(literal.value, literal.type)
    }
    static func column(_ id: Int, _ type: DataType) -> BoundExpression {
        .column(ColumnReference(id: id, name: "c\(id)", type: type))
    }

    /// The value text of an expression without columns: once folded, once over a column of rows.
    static func value(_ expression: BoundExpression) throws -> String {
        let compiled = try CompiledExpression(expression, layout: [:], context: context)
        let vector = try compiled.evaluate(Batch(columns: [], rowCount: 3))
        return ValueText.print(vector.value(at: 2), expression.type)
    }

    /// The value text of a call, with its constant arguments given as columns (one flat, one as a dictionary).
    static func overColumns(_ name: String, _ arguments: [BoundExpression]) throws -> String {
        var columns: [Vector] = []
        var references: [BoundExpression] = []
        for (index, argument) in arguments.enumerated() {
            guard case .constant(let value, let type) = argument else { continue }
            let flat = Vector.fromValues([.null, value, value], type)
            columns.append(flat)
            references.append(column(index, type))
        }
        let resolved = try FunctionRegistry.standard.resolveScalar(name: name, argumentTypes: references.map(\.type))
        let cast = zip(references, resolved.signature.arguments).map { argument, type in
            argument.type == type ? argument : BoundExpression.cast(argument, to: type, isTry: false)
        }
        let call = BoundExpression.call(
            FunctionCall(function: resolved.function, signature: resolved.signature, arguments: cast))
        var layout: [Int: Int] = [:]
        for index in columns.indices { layout[index] = index }
        let compiled = try CompiledExpression(call, layout: layout, context: context)
        let selection = Selection([2])
        let vector = try compiled.evaluate(
            Batch(columns: columns, rowCount: 3), rows: Rows(count: 3, selection: selection))
        return ValueText.print(vector.value(at: 2), call.type)
    }
}
