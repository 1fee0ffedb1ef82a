import Columnar
import SQLTypes

/// `greatest`, `least`, `typeof`.
enum ComparisonFunctions {
    static let scalars: [ScalarFunction] = [
        extremum("greatest", "Greatest argument; NULL when any is NULL", isGreatest: true, example: "3"),
        extremum("least", "Least argument; NULL when any is NULL", isGreatest: false, example: "1"),
        ScalarFunction(
            "typeof", "(T) -> varchar", summary: "Name of the argument's type", nulls: .handled,
            examples: [
                FunctionExample("typeof(1)", "integer"), FunctionExample("typeof(NULL)", "unknown"),
                FunctionExample("typeof(DECIMAL '1.50')", "decimal(3,2)"),
            ]
        ) { signature in
            let name = signature.arguments[0].displayName
            return { call in Vector.constant(.string(name), .varchar(length: nil), count: call.rows.count) }
        },
    ]

    private static func extremum(_ name: String, _ summary: String, isGreatest: Bool, example: String) -> ScalarFunction
    {
        ScalarFunction(
            name, Signature("(T, T...) -> T", orderable: ["T"]), summary: summary, cannotRaise: true,
            examples: [
                FunctionExample("\(name)(1, 3, 2)", example), FunctionExample("\(name)(1, NULL)", "NULL"),
                FunctionExample("\(name)(1e0, nan())", "NaN"),
            ]
        ) { signature in
            let type = signature.result
            return { call in
                switch type.physical {
                case .int32: return fold(call, type, Int32.self) { ($0 > $1) == isGreatest ? $0 : $1 }
                case .int64: return fold(call, type, Int64.self) { ($0 > $1) == isGreatest ? $0 : $1 }
                case .double:
                    return fold(call, type, Double.self) { a, b in
                        if a.isNaN { return a }
                        if b.isNaN { return b }
                        return (a > b) == isGreatest ? a : b
                    }
                default: return general(call, type, isGreatest)
                }
            }
        }
    }

    private static func fold<T>(
        _ call: borrowing KernelCall, _ type: DataType, _: T.Type, _ body: (T, T) -> T
    ) -> Vector {
        var result = call.arguments[0]
        for argument in call.arguments.dropFirst() {
            result = Kernel.binary(result, argument, call.rows, as: type, T.self, T.self, T.self, body)
        }
        return result
    }

    private static func general(_ call: borrowing KernelCall, _ type: DataType, _ isGreatest: Bool) -> Vector {
        let arguments = call.arguments
        let all = Vector.concatenate(arguments.map { $0.flattened() }, type: type)
        let count = call.rows.count
        let picks = Picks(count)
        call.rows.forEach { row in
            var best = -1
            for index in arguments.indices {
                if arguments[index].isNull(row) { return picks.setNull(row) }
                let place = index * count + row
                if best < 0 {
                    best = place
                } else {
                    let order = Comparison.compare(all, place, all, best)
                    if isGreatest ? order > 0 : order < 0 { best = place }
                }
            }
            picks.set(row, best)
        }
        return picks.gather(all, type)
    }
}
