import Columnar
import SQLTypes

/// Arithmetic of decimals. Results have Trino's precision and scale; an overflow is looked for only where the capped
/// precision (38) could be exceeded.
///
/// ```
/// decimal(12,2) + decimal(12,2)  → decimal(13,2)    Int64 additions
/// decimal(12,2) * decimal(12,2)  → decimal(24,4)    one 64 x 64 → 128 bit multiplication a row
/// decimal(24,4) * decimal(12,2)  → decimal(36,6)    128 bits, 64 where the value fits
/// ```
enum DecimalOperators {
    static let scalars: [ScalarFunction] = [
        binary("$add", summary: "Sum", type: Decimal.additionType, cannotRaise: hasRoom) {
            addition($0, isSubtraction: false)
        },
        binary("$subtract", summary: "Difference", type: Decimal.additionType, cannotRaise: hasRoom) {
            addition($0, isSubtraction: true)
        },
        binary("$multiply", summary: "Product", type: Decimal.multiplicationType, cannotRaise: hasRoom) {
            multiplication($0)
        },
        binary("$divide", summary: "Quotient, rounded half away from zero", type: Decimal.divisionType) {
            division($0)
        },
        binary("$modulus", summary: "Remainder, with the dividend's sign", type: Decimal.modulusType) { modulus($0) },
        ScalarFunction("$negate", "(decimal(p,s)) -> decimal(p,s)", summary: "Negative", isHidden: true) { signature in
            let type = signature.result
            if type.physical == .int64 {
                return { call in
                    Kernel.unary(call.arguments[0], call.rows, as: type, Int64.self, Int64.self) { 0 &- $0 }
                }
            }
            return { call in Kernel.unary(call.arguments[0], call.rows, as: type, Int128.self, Int128.self) { 0 &- $0 }
            }
        },
    ]

    private static func binary(
        _ name: String, summary: String,
        type: @escaping @Sendable (Int, Int, Int, Int) -> DataType?,
        cannotRaise: (@Sendable (ResolvedSignature) -> Bool)? = nil,
        _ makeKernel: @escaping @Sendable (Shape) -> ScalarKernel
    ) -> ScalarFunction {
        let signature = Signature(
            "(decimal(p,s), decimal(q,t)) -> decimal(r,u)",
            resultType: { arguments in
                guard arguments.count == 2, case .decimal(let p1, let s1) = arguments[0],
                    case .decimal(let p2, let s2) = arguments[1]
                else { return nil }
                return type(p1, s1, p2, s2)
            })
        return ScalarFunction(
            name, signature, summary: summary, cannotRaise: false, cannotRaiseFor: cannotRaise, isHidden: true
        ) { resolved in
            guard let shape = Shape(resolved) else {
                throw QueryError(.genericInternalError, "Decimal operator on other types")
            }
            return makeKernel(shape)
        }
    }

    /// Precision and scale of both operands and the result.
    struct Shape: Sendable {
        let left: (precision: Int, scale: Int)
        let right: (precision: Int, scale: Int)
        let result: DataType
        let scale: Int
        let precision: Int

        init?(_ signature: ResolvedSignature) {
            guard signature.arguments.count == 2, case .decimal(let p1, let s1) = signature.arguments[0],
                case .decimal(let p2, let s2) = signature.arguments[1],
                case .decimal(let precision, let scale) = signature.result
            else { return nil }
            left = (p1, s1)
            right = (p2, s2)
            result = signature.result
            self.precision = precision
            self.scale = scale
        }

        var leftIsShort: Bool { left.precision <= 18 }
        var rightIsShort: Bool { right.precision <= 18 }
        var resultIsShort: Bool { precision <= 18 }
    }

    /// The result has digits for every pair of operands.
    @Sendable private static func hasRoom(_ signature: ResolvedSignature) -> Bool {
        guard case .decimal(let precision, _) = signature.result else { return false }
        return precision < 38
    }

    static let overflow = QueryError(.numericValueOutOfRange, "Decimal overflow")

    // MARK: Addition

    private static func addition(_ shape: Shape, isSubtraction: Bool) -> ScalarKernel {
        let leftDigits = shape.scale - shape.left.scale
        let rightDigits = shape.scale - shape.right.scale
        if shape.resultIsShort {
            let a = Decimal.shortPowers[leftDigits]
            let b = isSubtraction ? -Decimal.shortPowers[rightDigits] : Decimal.shortPowers[rightDigits]
            return { call in
                short(call, shape) { x, y in x &* a &+ y &* b }
            }
        }
        let a = Decimal.power(leftDigits)
        let b = isSubtraction ? -Decimal.power(rightDigits) : Decimal.power(rightDigits)
        let isExact = shape.precision < 38
        return { call in
            if isExact { return wide(call, shape) { x, y in x &* a &+ y &* b } }
            return try wideChecked(call, shape) { x, y in
                let (left, overflow1) = x.multipliedReportingOverflow(by: a)
                let (right, overflow2) = y.multipliedReportingOverflow(by: b)
                let (sum, overflow3) = left.addingReportingOverflow(right)
                guard !overflow1, !overflow2, !overflow3, !Decimal.overflows(sum, precision: 38) else { throw overflow }
                return sum
            }
        }
    }

    // MARK: Multiplication

    private static func multiplication(_ shape: Shape) -> ScalarKernel {
        if shape.resultIsShort { return { call in short(call, shape) { x, y in x &* y } } }
        let type = shape.result
        if shape.leftIsShort, shape.rightIsShort {
            // At most 36 digits.
            return { call in
                Kernel.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: type, Int64.self, Int64.self, Int128.self
                ) {
                    Int128($0) &* Int128($1)
                }
            }
        }
        if shape.precision < 38 { return { call in wide(call, shape) { x, y in x &* y } } }
        return { call in
            try wideChecked(call, shape) { x, y in
                // Most values fit 64 bits, where the product is one instruction and cannot exceed 38 digits.
                if let a = Int64(exactly: x), let b = Int64(exactly: y) { return Int128(a) &* Int128(b) }
                let (product, didOverflow) = x.multipliedReportingOverflow(by: y)
                guard !didOverflow, !Decimal.overflows(product, precision: 38) else { throw overflow }
                return product
            }
        }
    }

    // MARK: Division

    private static func division(_ shape: Shape) -> ScalarKernel {
        // result = left * 10^digits / right at the result's scale.
        let digits = shape.scale - shape.left.scale + shape.right.scale
        let byZero = QueryError(.divisionByZero, "Division by zero")
        if shape.leftIsShort, shape.rightIsShort, shape.left.precision + digits <= 18 {
            let factor = Decimal.shortPowers[digits]
            let type = shape.result
            func divide(_ x: Int64, _ y: Int64) throws -> Int64 {
                if y == 0 { throw byZero }
                let scaled = x &* factor
                let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: y)
                guard remainder.magnitude >= y.magnitude &- remainder.magnitude else { return quotient }
                return (scaled < 0) != (y < 0) ? quotient &- 1 : quotient &+ 1
            }
            if shape.resultIsShort {
                return { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: type, Int64.self, Int64.self, Int64.self
                    ) { try divide($0, $1) }
                }
            }
            return { call in
                try Kernel.binaryThrowing(
                    call.arguments[0], call.arguments[1], call.rows, as: type, Int64.self, Int64.self, Int128.self
                ) { Int128(try divide($0, $1)) }
            }
        }
        return { call in
            try wideChecked(call, shape) { x, y in
                if y == 0 { throw byZero }
                guard let quotient = Decimal.divide(x, y, shiftedBy: digits),
                    !Decimal.overflows(quotient, precision: shape.precision)
                else { throw overflow }
                return quotient
            }
        }
    }

    private static func modulus(_ shape: Shape) -> ScalarKernel {
        { call in
            try wideChecked(call, shape) { x, y in
                if y == 0 { throw QueryError(.divisionByZero, "Division by zero") }
                guard let remainder = Decimal.modulus(x, shape.left.scale, y, shape.right.scale) else { throw overflow }
                return remainder
            }
        }
    }

    // MARK: Loops

    @inline(__always)
    private static func short(_ call: borrowing KernelCall, _ shape: Shape, _ body: (Int64, Int64) -> Int64) -> Vector {
        Kernel.binary(
            call.arguments[0], call.arguments[1], call.rows, as: shape.result, Int64.self, Int64.self, Int64.self, body)
    }

    /// Operands of any layout to an Int128 result.
    @inline(__always)
    private static func wide(_ call: borrowing KernelCall, _ shape: Shape, _ body: (Int128, Int128) -> Int128) -> Vector
    {
        let left = call.arguments[0]
        let right = call.arguments[1]
        let type = shape.result
        switch (shape.leftIsShort, shape.rightIsShort) {
        case (true, true):
            return Kernel.binary(left, right, call.rows, as: type, Int64.self, Int64.self, Int128.self) {
                body(Int128($0), Int128($1))
            }
        case (true, false):
            return Kernel.binary(left, right, call.rows, as: type, Int64.self, Int128.self, Int128.self) {
                body(Int128($0), $1)
            }
        case (false, true):
            return Kernel.binary(left, right, call.rows, as: type, Int128.self, Int64.self, Int128.self) {
                body($0, Int128($1))
            }
        case (false, false):
            return Kernel.binary(left, right, call.rows, as: type, Int128.self, Int128.self, Int128.self, body)
        }
    }

    /// Operands and result of any layout, with errors.
    @inline(__always)
    private static func wideChecked(
        _ call: borrowing KernelCall, _ shape: Shape, _ body: (Int128, Int128) throws -> Int128
    ) throws -> Vector {
        let left = call.arguments[0]
        let right = call.arguments[1]
        let type = shape.result
        switch (shape.leftIsShort, shape.rightIsShort, shape.resultIsShort) {
        case (true, true, true):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int64.self, Int64.self, Int64.self) {
                Int64(truncatingIfNeeded: try body(Int128($0), Int128($1)))
            }
        case (true, false, true):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int64.self, Int128.self, Int64.self) {
                Int64(truncatingIfNeeded: try body(Int128($0), $1))
            }
        case (false, true, true):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int128.self, Int64.self, Int64.self) {
                Int64(truncatingIfNeeded: try body($0, Int128($1)))
            }
        case (false, false, true):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int128.self, Int128.self, Int64.self) {
                Int64(truncatingIfNeeded: try body($0, $1))
            }
        case (true, true, false):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int64.self, Int64.self, Int128.self) {
                try body(Int128($0), Int128($1))
            }
        case (true, false, false):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int64.self, Int128.self, Int128.self) {
                try body(Int128($0), $1)
            }
        case (false, true, false):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int128.self, Int64.self, Int128.self) {
                try body($0, Int128($1))
            }
        case (false, false, false):
            return try Kernel.binaryThrowing(left, right, call.rows, as: type, Int128.self, Int128.self, Int128.self) {
                try body($0, $1)
            }
        }
    }
}
