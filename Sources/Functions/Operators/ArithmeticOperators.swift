import Columnar
import SQLTypes

/// `$add $subtract $multiply $divide $modulus $negate` of integers, real and double. Decimals, dates and intervals have
/// files of their own.
enum ArithmeticOperators {
    static let scalars: [ScalarFunction] =
        integers(Int8.self, "tinyint") + integers(Int16.self, "smallint") + integers(Int32.self, "integer")
        + integers(Int64.self, "bigint") + floats(Float.self, "real") + floats(Double.self, "double")

    /// The operator of a kind of arithmetic.
    private static func make(
        _ name: String, _ type: String, operands: Int = 2, summary: String, cannotRaise: Bool = false,
        examples: [FunctionExample] = [], _ kernel: @escaping @Sendable (borrowing KernelCall) throws -> Vector
    ) -> ScalarFunction {
        let inputs = Array(repeating: type, count: operands).joined(separator: ", ")
        return ScalarFunction(
            name, Signature("(\(inputs)) -> \(type)"), summary: summary, cannotRaise: cannotRaise, isHidden: true,
            examples: examples
        ) { _ in { call in try kernel(call) } }
    }

    // MARK: Integers

    private static func integers<T: FixedWidthInteger & SignedInteger & Sendable>(
        _: T.Type, _ name: String
    ) -> [ScalarFunction] {
        let type: DataType =
            name == "tinyint" ? .tinyint : name == "smallint" ? .smallint : name == "integer" ? .integer : .bigint
        return [
            make(
                "$add", name, summary: "Sum; raises when it leaves the type",
                examples: [
                    FunctionExample("1 + 2", "3"), FunctionExample("1 + NULL", "NULL"),
                    FunctionExample("2147483647 + 1", "NUMERIC_VALUE_OUT_OF_RANGE"),
                ]
            ) { call in
                try CheckedLoops.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self, T.self
                ) { x, y in
                    let sum = x &+ y
                    return (sum, (x ^ sum) & (y ^ sum))
                } checked: { x, y in
                    let (sum, overflow) = x.addingReportingOverflow(y)
                    if overflow { throw overflowed(name, "addition", "\(x) + \(y)") }
                    return sum
                }
            },
            make("$subtract", name, summary: "Difference", examples: [FunctionExample("1 - 2", "-1")]) { call in
                try CheckedLoops.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self, T.self
                ) { x, y in
                    let difference = x &- y
                    return (difference, (x ^ y) & (x ^ difference))
                } checked: { x, y in
                    let (difference, overflow) = x.subtractingReportingOverflow(y)
                    if overflow { throw overflowed(name, "subtraction", "\(x) - \(y)") }
                    return difference
                }
            },
            make("$multiply", name, summary: "Product", examples: [FunctionExample("3 * 4", "12")]) { call in
                try CheckedLoops.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self, Int8.self
                ) { x, y in
                    let (product, overflow) = x.multipliedReportingOverflow(by: y)
                    return (product, 0 &- Int8(bitPattern: unsafeBitCast(overflow, to: UInt8.self)))
                } checked: { x, y in
                    let (product, overflow) = x.multipliedReportingOverflow(by: y)
                    if overflow { throw overflowed(name, "multiplication", "\(x) * \(y)") }
                    return product
                }
            },
            make(
                "$divide", name, summary: "Quotient, cut towards zero",
                examples: [
                    FunctionExample("7 / 2", "3"), FunctionExample("1 / 0", "DIVISION_BY_ZERO"),
                ]
            ) { call in
                try division(call, type, T.self) { x, y in
                    if y == 0 { throw QueryError(.divisionByZero, "Division by zero") }
                    let (quotient, overflow) = x.dividedReportingOverflow(by: y)
                    if overflow { throw overflowed(name, "division", "\(x) / \(y)") }
                    return quotient
                } wrapped: {
                    $0.dividedReportingOverflow(by: $1).partialValue
                }
            },
            make(
                "$modulus", name, summary: "Remainder, with the dividend's sign",
                examples: [
                    FunctionExample("-7 % 3", "-1"), FunctionExample("1 % 0", "DIVISION_BY_ZERO"),
                ]
            ) { call in
                try division(call, type, T.self) { x, y in
                    if y == 0 { throw QueryError(.divisionByZero, "Division by zero") }
                    return x.remainderReportingOverflow(dividingBy: y).partialValue
                } wrapped: {
                    $0.remainderReportingOverflow(dividingBy: $1).partialValue
                }
            },
            make("$negate", name, operands: 1, summary: "Negative") { call in
                try CheckedLoops.unary(call.arguments[0], call.rows, as: type, T.self, T.self, T.self) { x in
                    (0 &- x, x & (0 &- x))
                } checked: { x in
                    if x == .min { throw overflowed(name, "negation", "\(x)") }
                    return 0 &- x
                }
            },
        ]
    }

    /// Divisions; by a constant other than 0 and -1 no row is looked at twice.
    @inline(__always)
    private static func division<T: FixedWidthInteger & SignedInteger>(
        _ call: borrowing KernelCall, _ type: DataType, _: T.Type, _ checked: (T, T) throws -> T, wrapped: (T, T) -> T
    ) throws -> Vector {
        let right = call.arguments[1]
        if right.isConstant, !right.isNull(0) {
            let divisor = right.pointer(as: T.self)[0]
            if divisor != 0, divisor != -1 {
                return Kernel.unary(call.arguments[0], call.rows, as: type, T.self, T.self) { wrapped($0, divisor) }
            }
        }
        return try Kernel.binaryThrowing(call.arguments[0], right, call.rows, as: type, T.self, T.self, T.self, checked)
    }

    private static func overflowed(_ type: String, _ operation: String, _ values: String) -> QueryError {
        QueryError(.numericValueOutOfRange, "\(type) \(operation) overflow: \(values)")
    }

    // MARK: Floats

    private static func floats<T: BinaryFloatingPoint & Sendable>(_: T.Type, _ name: String) -> [ScalarFunction] {
        let type: DataType = name == "real" ? .real : .double
        func binary(
            _ symbol: String, _ summary: String, _ operation: @escaping @Sendable (borrowing KernelCall) -> Vector
        ) -> ScalarFunction {
            make(symbol, name, summary: summary, cannotRaise: true) { operation($0) }
        }
        return [
            binary("$add", "Sum") { call in
                Kernel.binary(call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self) {
                    $0 + $1
                }
            },
            binary("$subtract", "Difference") { call in
                Kernel.binary(call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self) {
                    $0 - $1
                }
            },
            binary("$multiply", "Product") { call in
                Kernel.binary(call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self) {
                    $0 * $1
                }
            },
            binary("$divide", "Quotient; by zero infinite or NaN") { call in
                Kernel.binary(call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self) {
                    $0 / $1
                }
            },
            binary("$modulus", "Remainder of the division cut towards zero") { call in
                Kernel.binary(call.arguments[0], call.arguments[1], call.rows, as: type, T.self, T.self, T.self) {
                    $0.truncatingRemainder(dividingBy: $1)
                }
            },
            make("$negate", name, operands: 1, summary: "Negative", cannotRaise: true) { call in
                Kernel.unary(call.arguments[0], call.rows, as: type, T.self, T.self) { -$0 }
            },
        ]
    }
}
