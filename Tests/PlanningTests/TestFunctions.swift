import Functions
import SQLTypes

/// Signatures of the functions that the tests of binding call; nothing is computed.
enum TestFunctions {
    static let registry = FunctionRegistry(scalars: operators + scalars, aggregates: aggregates, windows: windows)

    private static func scalar(_ name: String, _ signature: Signature) -> ScalarFunction {
        ScalarFunction(name, signature, isDeterministic: name != "rand") { _ in
            throw QueryError(.notSupported, "not computed")
        }
    }

    private static func aggregate(_ name: String, _ signature: Signature, isOrdered: Bool = false) -> AggregateFunction
    {
        AggregateFunction(name, signature, isOrderInsensitive: !isOrdered) { _ in
            throw QueryError(.notSupported, "not computed")
        }
    }

    private static var operators: [ScalarFunction] {
        var result: [ScalarFunction] = []
        for name in ["$add", "$subtract", "$multiply", "$divide", "$modulus"] {
            for type in ["integer", "bigint", "double"] {
                result.append(scalar(name, Signature("(\(type), \(type)) -> \(type)")))
            }
        }
        for name in ["$add", "$subtract"] {
            result.append(scalar(name, "(date, interval day to second) -> date"))
            result.append(scalar(name, "(date, interval year to month) -> date"))
        }
        return result + [
            scalar("$negate", "(bigint) -> bigint"), scalar("$like", "(varchar, varchar) -> boolean"),
            scalar("$like", "(varchar, varchar, varchar) -> boolean"),
            scalar("$subscript", "(array(T), bigint) -> T"), scalar("$subscript", "(map(K,V), K) -> V"),
            scalar("$array", "(T...) -> array(T)"),
        ]
    }

    private static var scalars: [ScalarFunction] {
        [
            scalar("concat", "(varchar, varchar...) -> varchar"), scalar("upper", "(varchar) -> varchar"),
            scalar("length", "(varchar) -> bigint"), scalar("year", "(date) -> bigint"), scalar("rand", "() -> double"),
            scalar("transform", "(array(T), function(T,U)) -> array(U)"),
            scalar("reduce", "(array(T), S, function(S,T,S), function(S,R)) -> R"),
            scalar("now", "() -> timestamp(3) with time zone"),
            scalar("$now", "() -> timestamp(6) with time zone"),
            scalar("at_timezone", "(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone"),
        ]
    }

    private static var aggregates: [AggregateFunction] {
        [
            aggregate("count", "() -> bigint"), aggregate("count", "(T) -> bigint"),
            aggregate("sum", "(bigint) -> bigint"), aggregate("sum", "(double) -> double"),
            aggregate("avg", "(double) -> double"), aggregate("min", "(T) -> T"), aggregate("max", "(T) -> T"),
            aggregate("array_agg", "(T) -> array(T)", isOrdered: true),
            aggregate("listagg", "(varchar, varchar, boolean, varchar, boolean) -> varchar", isOrdered: true),
        ]
    }

    private static var windows: [WindowFunction] {
        [
            WindowFunction("row_number", "() -> bigint", kind: .rowNumber),
            WindowFunction("rank", "() -> bigint", kind: .rank), WindowFunction("lag", "(T) -> T", kind: .lag),
            WindowFunction("lag", "(T, bigint) -> T", kind: .lag),
        ]
    }
}
