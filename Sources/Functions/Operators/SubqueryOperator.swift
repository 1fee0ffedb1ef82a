import Columnar
import SQLTypes

/// `$single_row(row_number)`: TRUE for the first row that a scalar subquery gives for an outer row, an error for the
/// second.
enum SubqueryOperator {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "$single_row", "(bigint) -> boolean", summary: "Fails for the second row of a scalar subquery",
            cannotRaise: false, isHidden: true
        ) { _ in { call in try check(call) } }
    ]

    private static func check(_ call: borrowing KernelCall) throws -> Vector {
        let numbers = call.arguments[0].view
        try call.rows.forEach { row in
            if numbers.isValid(row), numbers.load(row, as: Int64.self) > 1 {
                throw QueryError(.subqueryMultipleRows, "Scalar sub-query has returned multiple rows")
            }
        }
        return Vector.constant(.boolean(true), .boolean, count: call.rows.count)
    }
}
