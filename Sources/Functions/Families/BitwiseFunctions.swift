import Columnar
import SQLTypes

/// Functions on the bits of integers.
enum BitwiseFunctions {
    static let scalars: [ScalarFunction] = logic + shifts

    private static func binary(
        _ name: String, _ summary: String, _ example: FunctionExample,
        _ body: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> ScalarFunction {
        ScalarFunction(name, "(bigint, bigint) -> bigint", summary: summary, examples: [example]) { _ in
            { call in
                Kernel.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: .bigint, Int64.self, Int64.self, Int64.self,
                    body)
            }
        }
    }

    private static var logic: [ScalarFunction] {
        [
            binary("bitwise_and", "Bits set in both", FunctionExample("bitwise_and(12, 10)", "8")) { $0 & $1 },
            binary("bitwise_or", "Bits set in either", FunctionExample("bitwise_or(12, 10)", "14")) { $0 | $1 },
            binary("bitwise_xor", "Bits set in one alone", FunctionExample("bitwise_xor(12, 10)", "6")) { $0 ^ $1 },
            ScalarFunction(
                "bitwise_not", "(bigint) -> bigint", summary: "Bits turned over",
                examples: [FunctionExample("bitwise_not(0)", "-1")]
            ) { _ in { call in Kernel.unary(call.arguments[0], call.rows, as: .bigint, Int64.self, Int64.self) { ~$0 } }
            },
            ScalarFunction(
                "bit_count", "(bigint, bigint) -> bigint", summary: "Bits set in a number of so many bits",
                cannotRaise: false,
                examples: [
                    FunctionExample("bit_count(9, 64)", "2"), FunctionExample("bit_count(-7, 64)", "62"),
                    FunctionExample("bit_count(-7, 8)", "6"),
                    FunctionExample("bit_count(9, 1)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: .bigint, Int64.self, Int64.self, Int64.self
                    ) { value, bits in
                        if bits == 64 { return Int64(value.nonzeroBitCount) }
                        guard bits >= 2, bits <= 64 else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "Bits specified in bit_count must be between 2 and 64, got \(bits)")
                        }
                        let low = -(Int64(1) << (bits - 1))
                        let high = (Int64(1) << (bits - 1)) - 1
                        guard value >= low, value <= high else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "Number must be representable with the bits specified. \(value) cannot be represented with \(bits) bits"
                            )
                        }
                        return Int64((value & ((Int64(1) << bits) - 1)).nonzeroBitCount)
                    }
                }
            },
        ]
    }

    private static var shifts: [ScalarFunction] {
        shift(Int8.self, "tinyint") + shift(Int16.self, "smallint") + shift(Int32.self, "integer")
            + shift(Int64.self, "bigint")
    }

    private static func shift<T: FixedWidthInteger & SignedInteger & Sendable>(_: T.Type, _ type: String)
        -> [ScalarFunction]
    {
        func make(
            _ name: String, _ summary: String, _ example: FunctionExample, _ body: @escaping @Sendable (T, Int64) -> T
        )
            -> ScalarFunction
        {
            ScalarFunction(name, Signature("(\(type), bigint) -> \(type)"), summary: summary, examples: [example]) {
                signature in
                { call in
                    Kernel.binary(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, T.self, Int64.self,
                        T.self, body)
                }
            }
        }
        let width = Int64(T.bitWidth)
        return [
            make("bitwise_left_shift", "Shifted left", FunctionExample("bitwise_left_shift(1, 2)", "4")) {
                value, count in
                count < 0 || count >= width ? 0 : value &<< T(truncatingIfNeeded: count)
            },
            make(
                "bitwise_right_shift", "Shifted right, zeros come in", FunctionExample("bitwise_right_shift(8, 3)", "1")
            ) { value, count in
                guard count >= 0, count < width else { return 0 }
                return T(
                    truncatingIfNeeded: T.Magnitude(truncatingIfNeeded: value)
                        &>> T.Magnitude(truncatingIfNeeded: count))
            },
            make(
                "bitwise_right_shift_arithmetic", "Shifted right, the sign comes in",
                FunctionExample("bitwise_right_shift_arithmetic(-8, 2)", "-2")
            ) { value, count in
                if count < 0 || count >= width { return value < 0 ? -1 : 0 }
                return value &>> T(truncatingIfNeeded: count)
            },
        ]
    }
}
