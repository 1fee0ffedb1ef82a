import Columnar
import Glibc
import SQLTypes

/// Distribution functions and similarity: normal and beta distributions, Wilson intervals, cosine similarity.
enum StatisticsFunctions {
    static let scalars: [ScalarFunction] = [
        checked(
            "normal_cdf", 3, "Cumulative normal distribution of mean, deviation and value", "normal_cdf(0, 1, 0)", "0.5"
        ) { x in
            guard x[1] > 0 else { throw fault("standardDeviation must be > 0") }
            return 0.5 * (1 + erf((x[2] - x[0]) / (x[1] * 2.squareRoot())))
        },
        checked(
            "inverse_normal_cdf", 3, "Value at a probability of the normal distribution",
            "inverse_normal_cdf(0, 1, 0.5e0)", "0.0"
        ) { x in
            guard x[2] > 0, x[2] < 1 else { throw fault("p must be in the interval (0, 1)") }
            guard x[1] > 0 else { throw fault("sd must be > 0") }
            let rough = inverseNormal(x[2])
            // One step of Newton's method takes the approximation to the last digit.
            let density = exp(-rough * rough / 2) / (2 * Double.pi).squareRoot()
            let error = 0.5 * erfc(-rough / 2.squareRoot()) - x[2]
            return x[0] + x[1] * (density > 0 ? rough - error / density : rough)
        },
        checked("beta_cdf", 3, "Cumulative beta distribution", "beta_cdf(1, 1, 0.25e0)", "0.25") { x in
            guard x[0] > 0, x[1] > 0 else { throw fault("alpha and beta must be > 0") }
            guard x[2] >= 0, x[2] <= 1 else { throw fault("value must be in the interval [0, 1]") }
            return betaCDF(x[0], x[1], x[2])
        },
        checked(
            "inverse_beta_cdf", 3, "Value at a probability of the beta distribution", "inverse_beta_cdf(1, 1, 1)", "1.0"
        ) { x in
            guard x[0] > 0, x[1] > 0 else { throw fault("alpha and beta must be > 0") }
            guard x[2] >= 0, x[2] <= 1 else { throw fault("p must be in the interval [0, 1]") }
            var low = 0.0
            var high = 1.0
            if x[2] == 0 || x[2] == 1 { return x[2] }
            for _ in 0..<200 where high - low > 0 {
                let middle = (low + high) / 2
                if middle == low || middle == high { break }
                if betaCDF(x[0], x[1], middle) < x[2] { low = middle } else { high = middle }
            }
            return (low + high) / 2
        },
        wilson("wilson_interval_lower", sign: -1), wilson("wilson_interval_upper", sign: 1),
        cosine("cosine_similarity") { $0 }, cosine("cosine_distance") { 1 - $0 },
    ]

    private static func fault(_ message: String) -> QueryError { QueryError(.invalidFunctionArgument, message) }

    private static func checked(
        _ name: String, _ count: Int, _ summary: String, _ expression: String, _ result: String,
        _ body: @escaping @Sendable ([Double]) throws -> Double
    ) -> ScalarFunction {
        let inputs = Array(repeating: "double", count: count).joined(separator: ", ")
        return ScalarFunction(
            name, Signature("(\(inputs)) -> double"), summary: summary, cannotRaise: false,
            examples: [FunctionExample(expression, result)]
        ) { _ in
            { call in
                let views = call.arguments.map(\.view)
                let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
                let builder = FlatBuilder(.double, capacity: call.rows.count)
                builder.zero()
                let out = builder.pointer(as: Double.self)
                try call.rows.forEach { row in
                    guard Validity.isValid(validity.bits, row) else { return }
                    out[row] = try body(views.map { $0.load(row, as: Double.self) })
                }
                return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
            }
        }
    }

    private static func wilson(_ name: String, sign: Double) -> ScalarFunction {
        ScalarFunction(
            name, "(bigint, bigint, double) -> double",
            summary: "Bound of the Wilson score interval of successes, trials and z",
            cannotRaise: false, examples: [FunctionExample("\(name)(1, 0, 1)", "INVALID_FUNCTION_ARGUMENT")]
        ) { _ in
            { call in
                let views = call.arguments.map(\.view)
                let validity = Kernel.mergedValidity(call.arguments, count: call.rows.count)
                let builder = FlatBuilder(.double, capacity: call.rows.count)
                builder.zero()
                let out = builder.pointer(as: Double.self)
                try call.rows.forEach { row in
                    guard Validity.isValid(validity.bits, row) else { return }
                    let successes = views[0].load(row, as: Int64.self)
                    let trials = views[1].load(row, as: Int64.self)
                    let z = views[2].load(row, as: Double.self)
                    guard successes >= 0 else { throw fault("number of successes must not be negative") }
                    guard trials > 0 else { throw fault("number of trials must be positive") }
                    guard successes <= trials else {
                        throw fault("number of successes must not be larger than number of trials")
                    }
                    guard z >= 0 else { throw fault("z-score must not be negative") }
                    let n = Double(trials)
                    let p = Double(successes) / n
                    let centre = p + z * z / (2 * n)
                    let spread = z * ((p * (1 - p) + z * z / (4 * n)) / n).squareRoot()
                    out[row] = (centre + sign * spread) / (1 + z * z / n)
                }
                return builder.finish(count: call.rows.count, validity: validity.bits, owners: validity.owners)
            }
        }
    }

    /// Wichura's AS 241 (PPND16).
    private static func inverseNormal(_ p: Double) -> Double {
        func ratio(_ r: Double, _ a: [Double], _ b: [Double]) -> Double {
            a.reversed().reduce(0) { $0 * r + $1 } / b.reversed().reduce(0) { $0 * r + $1 }
        }
        let q = p - 0.5
        if abs(q) <= 0.425 {
            let r = 0.180625 - q * q
            return q
                * ratio(
                    r,
                    [
                        3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3,
                        1.3731693765509461125e4,
                        4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4,
                        2.5090809287301226727e3,
                    ],
                    [
                        1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                        2.1213794301586595867e4,
                        3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3,
                    ])
        }
        var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
        let value: Double
        if r <= 5 {
            r -= 1.6
            value = ratio(
                r,
                [
                    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
                    1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2,
                    7.74545014278341407640e-4,
                ],
                [
                    1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1,
                    1.48103976427480074590e-1,
                    1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
                ])
        } else {
            r -= 5
            value = ratio(
                r,
                [
                    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
                    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5,
                    2.01033439929228813265e-7,
                ],
                [
                    1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                    7.86869131145613259100e-4,
                    1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
                ])
        }
        return q < 0 ? -value : value
    }

    /// The regularised incomplete beta function by Lentz's continued fraction.
    private static func betaCDF(_ a: Double, _ b: Double, _ x: Double) -> Double {
        if x == 0 || x == 1 { return x }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        if x < (a + 1) / (a + b + 2) { return front * fraction(a, b, x) / a }
        return 1 - front * fraction(b, a, 1 - x) / b
    }

    private static func fraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
        let tiny = 1e-300
        var c = 1.0
        var d = 1 - (a + b) * x / (a + 1)
        if abs(d) < tiny { d = tiny }
        d = 1 / d
        var h = d
        for step in 1..<1000 {
            let m = Double(step)
            var term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 + term * d
            if abs(d) < tiny { d = tiny }
            c = 1 + term / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            h *= d * c
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 + term * d
            if abs(d) < tiny { d = tiny }
            c = 1 + term / c
            if abs(c) < tiny { c = tiny }
            d = 1 / d
            let change = d * c
            h *= change
            if abs(change - 1) < 1e-16 { break }
        }
        return h
    }

    /// Of two sparse vectors, as maps from a key to a number.
    private static func cosine(_ name: String, _ body: @escaping @Sendable (Double) -> Double) -> ScalarFunction {
        ScalarFunction(
            name, "(map(varchar,double), map(varchar,double)) -> double", summary: "Of two sparse vectors",
            nulls: .handled,
            examples: [
                FunctionExample(
                    "\(name)(MAP(ARRAY['a'], ARRAY[1e0]), MAP(ARRAY['a'], ARRAY[2e0]))",
                    name == "cosine_similarity" ? "1.0" : "0.0")
            ]
        ) { _ in
            { call in
                let builder = FlatBuilder(.double, capacity: call.rows.count)
                builder.zero()
                let out = builder.pointer(as: Double.self)
                let left = call.arguments[0]
                let right = call.arguments[1]
                call.rows.forEach { row in
                    guard case .map(let leftKeys, let leftValues) = left.value(at: row),
                        case .map(let rightKeys, let rightValues) = right.value(at: row),
                        let a = numbers(leftKeys, leftValues), let b = numbers(rightKeys, rightValues)
                    else { return builder.setNull(row) }
                    let norm = { (map: [Value: Double]) in map.values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
                    let product = norm(a) * norm(b)
                    guard product != 0 else { return builder.setNull(row) }
                    let dot = a.reduce(0) { $0 + $1.value * (b[$1.key] ?? 0) }
                    out[row] = body(dot / product)
                }
                return builder.finish(count: call.rows.count)
            }
        }
    }

    /// Nil when a value is null.
    private static func numbers(_ keys: [Value], _ values: [Value]) -> [Value: Double]? {
        var map: [Value: Double] = [:]
        for (key, value) in zip(keys, values) {
            guard case .double(let number) = value else { return nil }
            map[key] = number
        }
        return map
    }
}
