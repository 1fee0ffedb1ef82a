import Columnar
import Glibc
import SQLTypes

/// Mathematical functions. Special functions and statistics live in `StatisticsFunctions`.
enum MathFunctions {
    static let scalars: [ScalarFunction] =
        magnitudes + rounding + realFunctions + constants + predicates + bases + random

    private static let integerTypes: [(String, DataType)] = [
        ("tinyint", .tinyint), ("smallint", .smallint), ("integer", .integer), ("bigint", .bigint),
    ]

    // MARK: abs, sign, mod

    private static var magnitudes: [ScalarFunction] {
        [
            integerAbs(Int8.self, "tinyint"), integerAbs(Int16.self, "smallint"), integerAbs(Int32.self, "integer"),
            integerAbs(Int64.self, "bigint"), integerSign(Int8.self, "tinyint"), integerSign(Int16.self, "smallint"),
            integerSign(Int32.self, "integer"), integerSign(Int64.self, "bigint"),
            double("abs", "Absolute value", examples: [FunctionExample("abs(-1.5e0)", "1.5")]) { abs($0) },
            real("abs", "Absolute value") { abs($0) },
            ScalarFunction("abs", "(decimal(p,s)) -> decimal(p,s)", summary: "Absolute value") { signature in
                let type = signature.result
                return { call in
                    type.physical == .int64
                        ? Kernel.unary(call.arguments[0], call.rows, as: type, Int64.self, Int64.self) {
                            $0 < 0 ? 0 &- $0 : $0
                        }
                        : Kernel.unary(call.arguments[0], call.rows, as: type, Int128.self, Int128.self) {
                            $0 < 0 ? 0 &- $0 : $0
                        }
                }
            },
            double("sign", "-1, 0 or 1; NaN of NaN", examples: [FunctionExample("sign(-2.5e0)", "-1.0")]) {
                $0 > 0 ? 1 : $0 < 0 ? -1 : $0
            },
            real("sign", "-1, 0 or 1; NaN of NaN") { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 },
            ScalarFunction("sign", "(decimal(p,s)) -> decimal(1,0)", summary: "-1, 0 or 1") { signature in
                let isShort = signature.arguments[0].physical == .int64
                return { call in
                    isShort
                        ? Kernel.unary(call.arguments[0], call.rows, as: signature.result, Int64.self, Int64.self) {
                            $0.signum()
                        }
                        : Kernel.unary(call.arguments[0], call.rows, as: signature.result, Int128.self, Int64.self) {
                            $0 > 0 ? 1 : $0 < 0 ? -1 : 0
                        }
                }
            },
        ] + modulus
    }

    private static func integerAbs<T: FixedWidthInteger & SignedInteger & Sendable>(_: T.Type, _ name: String)
        -> ScalarFunction
    {
        ScalarFunction(
            "abs", Signature("(\(name)) -> \(name)"), summary: "Absolute value", cannotRaise: false,
            examples: [FunctionExample("abs(-5)", "5"), FunctionExample("abs(NULL)", "NULL")]
        ) { signature in
            { call in
                try CheckedLoops.unary(call.arguments[0], call.rows, as: signature.result, T.self, T.self, T.self) {
                    x in
                    let magnitude = x < 0 ? 0 &- x : x
                    return (magnitude, magnitude)
                } checked: { x in
                    if x == .min {
                        throw QueryError(.numericValueOutOfRange, "Value \(x) is out of range for abs(\(name))")
                    }
                    return x < 0 ? 0 &- x : x
                }
            }
        }
    }

    private static func integerSign<T: FixedWidthInteger & SignedInteger & Sendable>(_: T.Type, _ name: String)
        -> ScalarFunction
    {
        ScalarFunction(
            "sign", Signature("(\(name)) -> \(name)"), summary: "-1, 0 or 1",
            examples: [FunctionExample("sign(-5)", "-1")]
        ) { signature in
            { call in
                Kernel.unary(call.arguments[0], call.rows, as: signature.result, T.self, T.self) {
                    $0 > 0 ? 1 : $0 < 0 ? -1 : 0
                }
            }
        }
    }

    /// `mod(a, b)` is the operator `%` under another name.
    private static var modulus: [ScalarFunction] {
        (ArithmeticOperators.scalars + DecimalOperators.scalars).filter { $0.name == "$modulus" }.map { function in
            var copy = function
            copy.name = "mod"
            copy.isHidden = false
            copy.summary = "Remainder, with the dividend's sign"
            copy.examples = [FunctionExample("mod(-7, 3)", "-1"), FunctionExample("mod(1, 0)", "DIVISION_BY_ZERO")]
            return copy
        }
    }

    // MARK: Rounding

    private static var rounding: [ScalarFunction] {
        var all: [ScalarFunction] = []
        for (name, type) in integerTypes {
            for function in ["ceiling", "floor", "round"] {
                all.append(
                    ScalarFunction(
                        function, aliases: function == "ceiling" ? ["ceil"] : [], Signature("(\(name)) -> \(name)"),
                        summary: "The integer itself"
                    ) { _ in { call in call.arguments[0] } })
            }
            all.append(
                ScalarFunction(
                    "round", Signature("(\(name), integer) -> \(name)"),
                    summary: "Rounded to digits; negative digits are left of the point",
                    cannotRaise: false, examples: [FunctionExample("round(125, -1)", "130")]
                ) { signature in { call in try roundInteger(call, type, signature.result) } })
        }
        all += [
            double(
                "ceiling", aliases: ["ceil"], "Smallest integer not below",
                examples: [FunctionExample("ceiling(-1.5e0)", "-1.0")]
            ) {
                $0.rounded(.up)
            },
            real("ceiling", aliases: ["ceil"], "Smallest integer not below") { $0.rounded(.up) },
            double("floor", "Greatest integer not above", examples: [FunctionExample("floor(-1.5e0)", "-2.0")]) {
                $0.rounded(.down)
            },
            real("floor", "Greatest integer not above") { $0.rounded(.down) },
            double(
                "round", "Nearest integer, halves away from zero", examples: [FunctionExample("round(2.5e0)", "3.0")]
            ) {
                $0.rounded(.toNearestOrAwayFromZero)
            },
            real("round", "Nearest integer, halves away from zero") { $0.rounded(.toNearestOrAwayFromZero) },
            double("truncate", "Without fraction", examples: [FunctionExample("truncate(-1.9e0)", "-1.0")]) {
                $0.rounded(.towardZero)
            },
            real("truncate", "Without fraction") { $0.rounded(.towardZero) },
            digits(
                "round", "double", Double.self, "Rounded to digits",
                examples: [FunctionExample("round(2.345e0, 1)", "2.3")]
            ) {
                roundDigits($0, Int($1))
            },
            digits("round", "real", Float.self, "Rounded to digits") { Float(roundDigits(Double($0), Int($1))) },
            decimalToInteger("ceiling", aliases: ["ceil"]) { value, scale in
                let (whole, rest) = value.quotientAndRemainder(dividingBy: Decimal.power(scale))
                return rest > 0 ? whole + 1 : whole
            },
            decimalToInteger("floor") { value, scale in floorDivide(value, Decimal.power(scale)) },
            decimalToInteger("round") { value, scale in Decimal.dividedByPower(value, scale) },
            ScalarFunction(
                "truncate",
                Signature(
                    "(decimal(p,s)) -> decimal(p,s)",
                    resultType: { arguments in
                        guard case .decimal(let p, let s)? = arguments.first else { return nil }
                        return .decimal(precision: max(p - s, 1), scale: 0)
                    }), summary: "Without fraction", examples: [FunctionExample("truncate(DECIMAL '-1.9')", "-1")]
            ) { signature in decimalKernel(signature) { value, scale in value / Decimal.power(scale) } },
            ScalarFunction(
                "round",
                Signature(
                    "(decimal(p,s), integer) -> decimal(p,s)",
                    resultType: { arguments in
                        guard case .decimal(let p, let s)? = arguments.first else { return nil }
                        return .decimal(precision: min(38, p + 1), scale: s)
                    }), summary: "Rounded to digits", cannotRaise: false,
                examples: [FunctionExample("round(DECIMAL '1.255', 2)", "1.260")]
            ) { signature in
                decimalDigits(signature) { value, scale, digits in
                    if digits >= scale { return value }
                    let cut = scale - digits
                    if cut > 38 { return 0 }
                    return Decimal.dividedByPower(value, cut).multipliedReportingOverflow(by: Decimal.power(cut))
                        .partialValue
                }
            },
            ScalarFunction(
                "truncate", "(decimal(p,s), integer) -> decimal(p,s)", summary: "Cut to digits",
                examples: [FunctionExample("truncate(DECIMAL '12.333', -1)", "10.000")]
            ) { signature in
                decimalDigits(signature) { value, scale, digits in
                    if digits >= scale { return value }
                    let cut = scale - digits
                    return cut > 38 ? 0 : value / Decimal.power(cut) * Decimal.power(cut)
                }
            },
        ]
        return all
    }

    /// A double rounded to decimal digits: the product with the power of ten, halves away from zero.
    static func roundDigits(_ value: Double, _ digits: Int) -> Double {
        guard value.isFinite else { return value }
        if digits > 30 { return value }
        if digits < -308 { return 0 }
        let factor = pow(10, Double(digits))
        let scaled = value * factor
        guard scaled.isFinite else { return value }
        let rounded = scaled.rounded(.toNearestOrAwayFromZero) / factor
        return rounded
    }

    private static func roundInteger(_ call: borrowing KernelCall, _ type: DataType, _ result: DataType) throws
        -> Vector
    {
        func round<T: FixedWidthInteger & SignedInteger>(_: T.Type) throws -> Vector {
            try Kernel.binaryThrowing(
                call.arguments[0], call.arguments[1], call.rows, as: result, T.self, Int32.self, T.self
            ) { value, digits in
                if digits >= 0 { return value }
                if digits < -18 { return 0 }
                let unit = Decimal.power(Int(-digits))
                let rounded = Decimal.dividedByPower(Int128(value), Int(-digits)) * unit
                guard let narrow = T(exactly: rounded) else {
                    throw QueryError(.numericValueOutOfRange, "numerical overflow: \(value)")
                }
                return narrow
            }
        }
        switch type {
        case .tinyint: return try round(Int8.self)
        case .smallint: return try round(Int16.self)
        case .integer: return try round(Int32.self)
        default: return try round(Int64.self)
        }
    }

    private static func decimalToInteger(
        _ name: String, aliases: [String] = [], _ body: @escaping @Sendable (Int128, Int) -> Int128
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases,
            Signature(
                "(decimal(p,s)) -> decimal(p,s)",
                resultType: { arguments in
                    guard case .decimal(let p, let s)? = arguments.first else { return nil }
                    return .decimal(precision: p - s + min(s, 1), scale: 0)
                }), summary: "To an integer", examples: [FunctionExample("floor(DECIMAL '-1.5')", "-2")]
        ) { signature in decimalKernel(signature, body) }
    }

    private static func decimalKernel(
        _ signature: ResolvedSignature, _ body: @escaping @Sendable (Int128, Int) -> Int128
    ) -> ScalarKernel {
        guard case .decimal(_, let scale) = signature.arguments[0] else { return { call in call.arguments[0] } }
        let type = signature.result
        let isShort = signature.arguments[0].physical == .int64
        return { call in
            switch (isShort, type.physical == .int64) {
            case (true, true):
                return Kernel.unary(call.arguments[0], call.rows, as: type, Int64.self, Int64.self) {
                    Int64(truncatingIfNeeded: body(Int128($0), scale))
                }
            case (true, false):
                return Kernel.unary(call.arguments[0], call.rows, as: type, Int64.self, Int128.self) {
                    body(Int128($0), scale)
                }
            case (false, true):
                return Kernel.unary(call.arguments[0], call.rows, as: type, Int128.self, Int64.self) {
                    Int64(truncatingIfNeeded: body($0, scale))
                }
            case (false, false):
                return Kernel.unary(call.arguments[0], call.rows, as: type, Int128.self, Int128.self) {
                    body($0, scale)
                }
            }
        }
    }

    private static func decimalDigits(
        _ signature: ResolvedSignature, _ body: @escaping @Sendable (Int128, Int, Int) -> Int128
    ) -> ScalarKernel {
        guard case .decimal(_, let scale) = signature.arguments[0],
            case .decimal(let precision, _) = signature.result
        else { return { call in call.arguments[0] } }
        let type = signature.result
        let isShort = signature.arguments[0].physical == .int64
        @Sendable func checked(_ value: Int128, _ digits: Int32) throws -> Int128 {
            let result = body(value, scale, Int(digits))
            guard !Decimal.overflows(result, precision: precision) else { throw DecimalOperators.overflow }
            return result
        }
        return { call in
            let value = call.arguments[0]
            let digits = call.arguments[1]
            switch (isShort, type.physical == .int64) {
            case (true, true):
                return try Kernel.binaryThrowing(value, digits, call.rows, as: type, Int64.self, Int32.self, Int64.self)
                {
                    Int64(truncatingIfNeeded: try checked(Int128($0), $1))
                }
            case (true, false):
                return try Kernel.binaryThrowing(
                    value, digits, call.rows, as: type, Int64.self, Int32.self, Int128.self
                ) {
                    try checked(Int128($0), $1)
                }
            default:
                return try Kernel.binaryThrowing(
                    value, digits, call.rows, as: type, Int128.self, Int32.self, Int128.self
                ) {
                    try checked($0, $1)
                }
            }
        }
    }

    // MARK: Functions of doubles

    static func double(
        _ name: String, aliases: [String] = [], _ summary: String, examples: [FunctionExample] = [],
        _ body: @escaping @Sendable (Double) -> Double
    ) -> ScalarFunction {
        ScalarFunction(name, aliases: aliases, "(double) -> double", summary: summary, examples: examples) { _ in
            { call in Kernel.unary(call.arguments[0], call.rows, as: .double, Double.self, Double.self, body) }
        }
    }

    private static func real(
        _ name: String, aliases: [String] = [], _ summary: String, _ body: @escaping @Sendable (Float) -> Float
    ) -> ScalarFunction {
        ScalarFunction(name, aliases: aliases, "(real) -> real", summary: summary) { _ in
            { call in Kernel.unary(call.arguments[0], call.rows, as: .real, Float.self, Float.self, body) }
        }
    }

    private static func digits<T: Sendable>(
        _ name: String, _ type: String, _: T.Type, _ summary: String, examples: [FunctionExample] = [],
        _ body: @escaping @Sendable (T, Int32) -> T
    ) -> ScalarFunction {
        ScalarFunction(name, Signature("(\(type), integer) -> \(type)"), summary: summary, examples: examples) {
            signature in
            { call in
                Kernel.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: signature.result, T.self, Int32.self, T.self,
                    body)
            }
        }
    }

    static func doubles(
        _ name: String, aliases: [String] = [], _ summary: String, examples: [FunctionExample] = [],
        _ body: @escaping @Sendable (Double, Double) -> Double
    ) -> ScalarFunction {
        ScalarFunction(name, aliases: aliases, "(double, double) -> double", summary: summary, examples: examples) {
            _ in
            { call in
                Kernel.binary(
                    call.arguments[0], call.arguments[1], call.rows, as: .double, Double.self, Double.self, Double.self,
                    body)
            }
        }
    }

    private static var realFunctions: [ScalarFunction] {
        [
            double(
                "sqrt", "Square root; NaN of negatives",
                examples: [FunctionExample("sqrt(9)", "3.0"), FunctionExample("sqrt(-1)", "NaN")]
            ) { $0.squareRoot() },
            double("cbrt", "Cube root", examples: [FunctionExample("cbrt(27)", "3.0")]) { cubeRoot($0) },
            double("exp", "e to the power", examples: [FunctionExample("exp(0)", "1.0")]) { Glibc.exp($0) },
            double(
                "ln", "Natural logarithm",
                examples: [FunctionExample("ln(1)", "0.0"), FunctionExample("ln(0)", "-Infinity")]
            ) { Glibc.log($0) },
            double("log2", "Logarithm to base 2", examples: [FunctionExample("log2(8)", "3.0")]) { Glibc.log2($0) },
            double("log10", "Logarithm to base 10", examples: [FunctionExample("log10(1000)", "3.0")]) {
                Glibc.log10($0)
            },
            doubles("log", "Logarithm to a base, the first argument", examples: [FunctionExample("log(2, 8)", "3.0")]) {
                Glibc.log($1) / Glibc.log($0)
            },
            doubles("power", aliases: ["pow"], "Power", examples: [FunctionExample("power(2, 10)", "1024.0")]) {
                Glibc.pow($0, $1)
            },
            double("sin", "Sine", examples: [FunctionExample("sin(0)", "0.0")]) { Glibc.sin($0) },
            double("cos", "Cosine", examples: [FunctionExample("cos(0)", "1.0")]) { Glibc.cos($0) },
            double("tan", "Tangent", examples: [FunctionExample("tan(0)", "0.0")]) { Glibc.tan($0) },
            double(
                "asin", "Arc sine", examples: [FunctionExample("asin(0)", "0.0"), FunctionExample("asin(2)", "NaN")]
            ) { Glibc.asin($0) },
            double("acos", "Arc cosine", examples: [FunctionExample("acos(1)", "0.0")]) { Glibc.acos($0) },
            double("atan", "Arc tangent", examples: [FunctionExample("atan(0)", "0.0")]) { Glibc.atan($0) },
            doubles("atan2", "Arc tangent of y / x", examples: [FunctionExample("atan2(0, 1)", "0.0")]) {
                Glibc.atan2($0, $1)
            },
            double("sinh", "Hyperbolic sine", examples: [FunctionExample("sinh(0)", "0.0")]) { Glibc.sinh($0) },
            double("cosh", "Hyperbolic cosine", examples: [FunctionExample("cosh(0)", "1.0")]) { Glibc.cosh($0) },
            double("tanh", "Hyperbolic tangent", examples: [FunctionExample("tanh(0)", "0.0")]) { Glibc.tanh($0) },
            double("degrees", "Radians as degrees", examples: [FunctionExample("degrees(pi())", "180.0")]) {
                $0 * 180 / .pi
            },
            double("radians", "Degrees as radians", examples: [FunctionExample("radians(180)", "3.141592653589793")]) {
                $0 / 180 * .pi
            },
        ]
    }

    /// The C library's cube root can be off in the last digit; one Newton step puts it right.
    @Sendable private static func cubeRoot(_ value: Double) -> Double {
        let root = Glibc.cbrt(value)
        guard root.isFinite, root != 0 else { return root }
        let square = root * root
        return root - fma(square, root, -value) / (3 * square)
    }

    private static var constants: [ScalarFunction] {
        [
            ("e", "Euler's number", 2.718281828459045),
            ("pi", "Ratio of a circle's circumference to its diameter", Double.pi),
            ("infinity", "Positive infinity", Double.infinity), ("nan", "Not a number", Double.nan),
        ].map { name, summary, value in
            ScalarFunction(
                name, "() -> double", summary: summary,
                examples: [FunctionExample("\(name)()", ValueText.print(.double(value), .double))]
            ) { _ in
                { call in Vector.constant(.double(value), .double, count: call.rows.count) }
            }
        }
    }

    private static var predicates: [ScalarFunction] {
        func predicate(_ name: String, _ summary: String, _ body: @escaping @Sendable (Double) -> Bool)
            -> ScalarFunction
        {
            ScalarFunction(
                name, "(double) -> boolean", summary: summary,
                examples: [FunctionExample("\(name)(CAST(NULL AS double))", "NULL")]
            ) { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .boolean, Double.self, UInt8.self) {
                        body($0) ? 1 : 0
                    }
                }
            }
        }
        return [
            predicate("is_nan", "Whether it is NaN") { $0.isNaN },
            predicate("is_finite", "Whether it is finite") { $0.isFinite },
            predicate("is_infinite", "Whether it is infinite") { $0.isInfinite },
            ScalarFunction("is_nan", "(real) -> boolean", summary: "Whether it is NaN") { _ in
                { call in
                    Kernel.unary(call.arguments[0], call.rows, as: .boolean, Float.self, UInt8.self) {
                        $0.isNaN ? 1 : 0
                    }
                }
            },
        ]
    }

    // MARK: Bases, buckets

    private static var bases: [ScalarFunction] {
        @Sendable func checkRadix(_ radix: Int64) throws -> Int {
            guard radix >= 2, radix <= 36 else {
                throw QueryError(.invalidFunctionArgument, "Radix must be between 2 and 36")
            }
            return Int(radix)
        }
        return [
            ScalarFunction(
                "to_base", "(bigint, bigint) -> varchar", summary: "Digits to a base", cannotRaise: false,
                examples: [
                    FunctionExample("to_base(255, 16)", "ff"),
                    FunctionExample("to_base(1, 1)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    let heap = StringHeap()
                    return try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, Int64.self, Int64.self,
                        StringView.self
                    ) { value, radix in
                        var text = String(value, radix: try checkRadix(radix))
                        return text.withUTF8 { heap.append($0) }
                    }.keeping(heap)
                }
            },
            ScalarFunction(
                "from_base", "(varchar, bigint) -> bigint", summary: "Number from digits to a base", cannotRaise: false,
                examples: [
                    FunctionExample("from_base('ff', 16)", "255"),
                    FunctionExample("from_base('x', 10)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    try Kernel.binaryThrowing(
                        call.arguments[0], call.arguments[1], call.rows, as: signature.result, StringView.self,
                        Int64.self, Int64.self
                    ) { view, radix in
                        let base = try checkRadix(radix)
                        let text = view.withBytes { String(decoding: $0, as: UTF8.self) }
                        guard let value = Int64(text, radix: base) else {
                            throw QueryError(.invalidFunctionArgument, "Not a valid base-\(base) number: \(text)")
                        }
                        return value
                    }
                }
            },
            ScalarFunction(
                "width_bucket", "(double, double, double, bigint) -> bigint",
                summary: "Bucket of x among n equal ones between two bounds", cannotRaise: false,
                examples: [
                    FunctionExample("width_bucket(5, 0, 10, 5)", "3"),
                    FunctionExample("width_bucket(11, 0, 10, 5)", "6"),
                ]
            ) { _ in { call in try widthBucket(call) } },
            ScalarFunction(
                "width_bucket", "(double, array(double)) -> bigint",
                summary: "How many bounds of a sorted array are not above x",
                cannotRaise: false, examples: [FunctionExample("width_bucket(5, ARRAY[1, 4, 8])", "2")]
            ) { _ in { call in try widthBucketOfBounds(call) } },
        ]
    }

    private static func widthBucket(_ call: borrowing KernelCall) throws -> Vector {
        let views = call.arguments.map(\.view)
        let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(.bigint, capacity: call.rows.count)
        builder.zero()
        let out = builder.pointer(as: Int64.self)
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            let x = views[0].load(row, as: Double.self)
            let first = views[1].load(row, as: Double.self)
            let second = views[2].load(row, as: Double.self)
            let count = views[3].load(row, as: Int64.self)
            guard count > 0 else { throw QueryError(.invalidFunctionArgument, "bucketCount must be greater than 0") }
            guard !x.isNaN else { throw QueryError(.invalidFunctionArgument, "operand must not be NaN") }
            guard first.isFinite else { throw QueryError(.invalidFunctionArgument, "first bound must be finite") }
            guard second.isFinite else { throw QueryError(.invalidFunctionArgument, "second bound must be finite") }
            guard first != second else { throw QueryError(.invalidFunctionArgument, "bounds cannot equal each other") }
            let low = min(first, second)
            let high = max(first, second)
            var bucket: Int64
            if x < low {
                bucket = 0
            } else if x >= high {
                guard count < .max else {
                    throw QueryError(.numericValueOutOfRange, "Bucket for value \(x) is out of range")
                }
                bucket = count + 1
            } else {
                bucket = Int64(Double(count) * (x - low) / (high - low) + 1)
            }
            if first > second { bucket = count - bucket + 1 }
            out[row] = bucket
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }

    private static func widthBucketOfBounds(_ call: borrowing KernelCall) throws -> Vector {
        let x = call.arguments[0].view
        let list = call.arguments[1]
        let lists = list.view
        let bounds = (list.dictionary ?? list).children[0]
        let boundView = bounds.view
        let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
        let builder = FlatBuilder(.bigint, capacity: call.rows.count)
        builder.zero()
        let out = builder.pointer(as: Int64.self)
        try call.rows.forEach { row in
            guard Validity.isValid(validity.bits, row) else { return }
            let value = x.load(row, as: Double.self)
            let entry = lists.load(row, as: ListEntry.self)
            guard entry.count > 0 else { throw QueryError(.invalidFunctionArgument, "Bins cannot be an empty array") }
            guard !value.isNaN else { throw QueryError(.invalidFunctionArgument, "Operand cannot be NaN") }
            var low = 0
            var high = Int(entry.count)
            while low < high {
                let middle = (low + high) / 2
                let place = Int(entry.offset) + middle
                guard boundView.isValid(place) else {
                    throw QueryError(.invalidFunctionArgument, "Bin values cannot be NULL")
                }
                let bound = boundView.load(place, as: Double.self)
                guard bound.isFinite else { throw QueryError(.invalidFunctionArgument, "Bin values must be finite") }
                if value < bound { high = middle } else { low = middle + 1 }
            }
            out[row] = Int64(low)
        }
        return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
    }

    // MARK: Random

    private static var random: [ScalarFunction] {
        func bounded<T: FixedWidthInteger & SignedInteger & Sendable>(_: T.Type, _ type: String) -> [ScalarFunction] {
            [
                ScalarFunction(
                    "random", aliases: ["rand"], Signature("(\(type)) -> \(type)"),
                    summary: "Random number from 0 below n",
                    isDeterministic: false, cannotRaise: false,
                    examples: [
                        FunctionExample("random(\(type) '1')", "0"),
                        FunctionExample("random(\(type) '0')", "INVALID_FUNCTION_ARGUMENT"),
                    ]
                ) { signature in
                    { call in
                        var generator = SystemRandomNumberGenerator()
                        return try Kernel.unaryThrowing(
                            call.arguments[0], call.rows, as: signature.result, T.self, T.self
                        ) { limit in
                            guard limit > 0 else {
                                throw QueryError(.invalidFunctionArgument, "bound must be positive")
                            }
                            return T.random(in: 0..<limit, using: &generator)
                        }
                    }
                },
                ScalarFunction(
                    "random", aliases: ["rand"], Signature("(\(type), \(type)) -> \(type)"),
                    summary: "Random number from m below n",
                    isDeterministic: false, cannotRaise: false,
                    examples: [FunctionExample("random(\(type) '7', \(type) '8')", "7")]
                ) { signature in
                    { call in
                        var generator = SystemRandomNumberGenerator()
                        return try Kernel.binaryThrowing(
                            call.arguments[0], call.arguments[1], call.rows, as: signature.result, T.self, T.self,
                            T.self
                        ) { low, high in
                            guard low < high else {
                                throw QueryError(.invalidFunctionArgument, "start value must be less than stop value")
                            }
                            return T.random(in: low..<high, using: &generator)
                        }
                    }
                },
            ]
        }
        return [
            ScalarFunction(
                "random", aliases: ["rand"], "() -> double", summary: "Random number from 0 below 1",
                isDeterministic: false, examples: [FunctionExample("random() < 1", "true")]
            ) { _ in
                { call in
                    let builder = FlatBuilder(.double, capacity: call.rows.count)
                    let out = builder.pointer(as: Double.self)
                    var generator = SystemRandomNumberGenerator()
                    for row in 0..<call.rows.count { out[row] = Double(generator.next() >> 11) * 0x1p-53 }
                    return builder.finish(count: call.rows.count)
                }
            }
        ] + bounded(Int8.self, "tinyint") + bounded(Int16.self, "smallint") + bounded(Int32.self, "integer")
            + bounded(Int64.self, "bigint")
    }
}
