import Columnar
import SQLTypes

/// Parts of arrays, and arrays of parts: ends, n-grams, combinations; orders by chance and by a lambda.
enum ArrayPieces {
    static let scalars: [ScalarFunction] = [
        end("array_first", "The first element; NULL for none", FunctionExample("array_first(ARRAY[1, 2])", "1")) {
            $0.first
        },
        end("array_last", "The last element; NULL for none", FunctionExample("array_last(ARRAY[1, 2])", "2")) {
            $0.last
        },
        ScalarFunction(
            "concat", "(array(T), T) -> array(T)", summary: "The array with an element behind", nulls: .handled,
            examples: [
                FunctionExample("ARRAY[1] || 2", "[1, 2]"),
                FunctionExample("concat(ARRAY['a'], CAST(NULL AS varchar))", "[a, null]"),
                FunctionExample("CAST(NULL AS array(integer)) || 1", "NULL"),
            ]
        ) { signature in { call in joined(call, signature.result, list: 0, element: 1) } },
        ScalarFunction(
            "concat", "(T, array(T)) -> array(T)", summary: "The array with an element before", nulls: .handled,
            examples: [FunctionExample("2 || ARRAY[1]", "[2, 1]")]
        ) { signature in { call in joined(call, signature.result, list: 1, element: 0) } },
        ScalarFunction(
            "trim_array", "(array(T), bigint) -> array(T)", summary: "The array without its last n elements",
            cannotRaise: false,
            examples: [
                FunctionExample("trim_array(ARRAY[1, 2, 3], 2)", "[1]"),
                FunctionExample("trim_array(ARRAY[1], NULL)", "NULL"),
                FunctionExample("trim_array(ARRAY[1], 2)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let sizes = call.arguments[1].view
                return try ArrayFunctions.build(call, signature.result, list.elements) { row, keep in
                    guard !list.isNull(row), sizes.isValid(row) else { return false }
                    let size = sizes.load(row, as: Int64.self)
                    let range = list.range(row)
                    guard size >= 0 else {
                        throw QueryError(.invalidFunctionArgument, "size must not be negative: \(size)")
                    }
                    guard size <= Int64(range.count) else {
                        throw QueryError(
                            .invalidFunctionArgument, "size must not exceed array cardinality \(range.count): \(size)")
                    }
                    range.dropLast(Int(size)).forEach(keep)
                    return true
                }
            }
        },
        ScalarFunction(
            "contains_sequence", Signature("(array(T), array(T)) -> boolean", comparable: ["T"]),
            summary: "Whether an array has the elements of another one after the other",
            examples: [
                FunctionExample("contains_sequence(ARRAY[1, 2, 3, 4], ARRAY[2, 3])", "true"),
                FunctionExample("contains_sequence(ARRAY[1, 2, 3], ARRAY[1, 3])", "false"),
                FunctionExample("contains_sequence(ARRAY[1], NULL)", "NULL"),
            ]
        ) { _ in
            { call in
                let list = ListArgument(call.arguments[0])
                let wanted = ListArgument(call.arguments[1])
                return ArrayFunctions.flags(call) { row in
                    guard !list.isNull(row), !wanted.isNull(row) else { return nil }
                    let range = list.range(row)
                    let sought = wanted.range(row)
                    guard sought.count <= range.count else { return false }
                    return (0...range.count - sought.count).contains { start in
                        sought.indices.allSatisfy { index in
                            Comparison.areEqual(
                                list.elements, range.lowerBound + start + (index - sought.lowerBound), wanted.elements,
                                index)
                        }
                    }
                }
            }
        },
        ScalarFunction(
            "shuffle", "(array(T)) -> array(T)", summary: "The elements in an order by chance", isDeterministic: false,
            examples: [
                FunctionExample("array_sort(shuffle(ARRAY[3, 1, 2]))", "[1, 2, 3]"),
                FunctionExample("shuffle(CAST(NULL AS array(integer)))", "NULL"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                var generator = SystemRandomNumberGenerator()
                return ArrayFunctions.build(call, signature.result, list.elements) { row, keep in
                    guard !list.isNull(row) else { return false }
                    list.range(row).shuffled(using: &generator).forEach(keep)
                    return true
                }
            }
        },
        ScalarFunction(
            "ngrams", "(array(T), bigint) -> array(array(T))",
            summary: "All runs of n elements; the whole array when it is shorter", cannotRaise: false,
            examples: [
                FunctionExample("ngrams(ARRAY['a', 'b', 'c'], 2)", "[[a, b], [b, c]]"),
                FunctionExample("ngrams(ARRAY['a', 'b'], 3)", "[[a, b]]"),
                FunctionExample("ngrams(ARRAY['a'], 0)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try nested(call, signature.result) { range, size in
                    guard size > 0 else { throw QueryError(.invalidFunctionArgument, "N must be positive") }
                    let width = min(Int(clamping: size), range.count)
                    let (total, overflow) = (range.count - width + 1).multipliedReportingOverflow(by: width)
                    guard !overflow, total <= largest * 10 else { throw tooMany("ngrams") }
                    return (range.lowerBound...range.upperBound - width).map { Array($0..<$0 + width) }
                }
            }
        },
        ScalarFunction(
            "combinations", "(array(T), bigint) -> array(array(T))",
            summary: "All choices of n elements, n from 0 to 5", cannotRaise: false,
            examples: [
                FunctionExample("combinations(ARRAY[1, 2, 3], 2)", "[[1, 2], [1, 3], [2, 3]]"),
                FunctionExample("combinations(ARRAY[1], 2)", "[]"),
                FunctionExample("combinations(ARRAY[1], 6)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try nested(call, signature.result) { range, size in
                    guard size >= 0 else {
                        throw QueryError(.invalidFunctionArgument, "combination size must not be negative: \(size)")
                    }
                    guard size <= 5 else {
                        throw QueryError(.invalidFunctionArgument, "combination size must not exceed 5: \(size)")
                    }
                    return try combinations(range, Int(size))
                }
            }
        },
        ScalarFunction(
            "array_sort", "(array(T), function(T,T,integer)) -> array(T)",
            summary: "The elements in the order of a lambda that answers -1, 0 or 1", cannotRaise: false,
            examples: [
                FunctionExample(
                    "array_sort(ARRAY[3, 2, 5, 1, 2], (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))", "[5, 3, 2, 2, 1]"),
                FunctionExample("array_sort(ARRAY[3, 2], (x, y) -> 7)", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try LambdaSort(call, signature.result).run(call.lambdas[0]) } },
    ]

    private static let largest = 100_000

    private static func joined(
        _ call: borrowing KernelCall, _ type: DataType, list listPlace: Int, element: Int
    ) -> Vector {
        let list = ListArgument(call.arguments[listPlace])
        let (all, offset) = Vector.joined(list.elements, call.arguments[element].flattened())
        return ArrayFunctions.build(call, type, all) { row, keep in
            guard !list.isNull(row) else { return false }
            if element < listPlace { keep(row + offset) }
            list.range(row).forEach(keep)
            if element > listPlace { keep(row + offset) }
            return true
        }
    }

    private static func tooMany(_ name: String) -> QueryError {
        QueryError(.invalidFunctionArgument, "\(name) exceed max size")
    }

    private static func end(
        _ name: String, _ summary: String, _ example: FunctionExample, _ body: @escaping @Sendable (Range<Int>) -> Int?
    ) -> ScalarFunction {
        ScalarFunction(
            name, "(array(T)) -> T", summary: summary,
            examples: [example, FunctionExample("\(name)(CAST(ARRAY[] AS array(integer)))", "NULL")]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let picks = Picks(call.rows.count)
                call.rows.forEach { row in
                    guard !list.isNull(row), let position = body(list.range(row)) else { return picks.setNull(row) }
                    picks.set(row, position)
                }
                return picks.gather(list.elements, signature.result)
            }
        }
    }

    /// Arrays of arrays of the elements at the positions that `body` gives.
    private static func nested(
        _ call: borrowing KernelCall, _ type: DataType, _ body: (Range<Int>, Int64) throws -> [[Int]]
    ) throws -> Vector {
        guard case .array(let innerType) = type else { return call.arguments[0] }
        let list = ListArgument(call.arguments[0])
        let sizes = call.arguments[1].view
        let outer = ListEntries(type, call.rows)
        var picks = ElementPicks()
        var counts: [Int] = []
        try call.rows.forEach { row in
            guard !list.isNull(row), sizes.isValid(row) else { return outer.setNull(row) }
            let runs = try body(list.range(row), sizes.load(row, as: Int64.self))
            for run in runs {
                for position in run { picks.append(position) }
                counts.append(run.count)
            }
            outer.append(row, count: runs.count)
        }
        let inner = ListEntries(innerType, Rows(count: counts.count))
        for (index, count) in counts.enumerated() { inner.append(index, count: count) }
        return outer.finish([inner.finish([picks.gather(list.elements)])])
    }

    /// Choices in the order of their last element, then of the one before it, and so on.
    private static func combinations(_ range: Range<Int>, _ size: Int) throws -> [[Int]] {
        guard size <= range.count else { return [] }
        var choice = Array(0..<size)
        var found: [[Int]] = []
        while true {
            found.append(choice.map { range.lowerBound + $0 })
            guard found.count <= largest else { throw tooMany("combinations") }
            // The first place that can move on; those before it begin again.
            guard
                let place = choice.indices.first(where: {
                    choice[$0] + 1 < ($0 + 1 < size ? choice[$0 + 1] : range.count)
                })
            else { return found }
            choice[place] += 1
            for earlier in 0..<place { choice[earlier] = earlier }
        }
    }
}

/// Sorts the elements of every row by a lambda: merges from runs of one element up, all rows side by side, so that one
/// call of the lambda compares for many merges.
private struct LambdaSort {
    private let list: ListArgument
    private let rows: Rows
    private let type: DataType
    /// Positions of the elements, row after row.
    private var order: [UInt32] = []
    private var spans: [(row: Int, range: Range<Int>)] = []

    init(_ call: borrowing KernelCall, _ type: DataType) {
        list = ListArgument(call.arguments[0])
        rows = call.rows
        self.type = type
        let list = list
        var order: [UInt32] = []
        var spans: [(row: Int, range: Range<Int>)] = []
        call.rows.forEach { row in
            guard !list.isNull(row) else { return }
            let start = order.count
            order.append(contentsOf: list.range(row).map { UInt32(truncatingIfNeeded: $0) })
            spans.append((row, start..<order.count))
        }
        self.order = order
        self.spans = spans
    }

    /// Two runs that become one.
    private struct Merge {
        var row: Int
        var left: Range<Int>
        var right: Range<Int>
        var target: Int
    }

    func run(_ lambda: any LambdaEvaluator) throws -> Vector {
        var order = order
        let longest = spans.map(\.range.count).max() ?? 0
        var width = 1
        while width < longest {
            order = try mergeRuns(order, width, lambda)
            width *= 2
        }
        let entries = ListEntries(type, rows)
        var picks = ElementPicks()
        for position in order { picks.append(Int(position)) }
        rows.forEach { row in if list.isNull(row) { entries.setNull(row) } }
        for span in spans { entries.append(span.row, count: span.range.count) }
        return entries.finish([picks.gather(list.elements)])
    }

    private func mergeRuns(_ order: [UInt32], _ width: Int, _ lambda: any LambdaEvaluator) throws -> [UInt32] {
        var merged = order
        var active: [Merge] = []
        for span in spans {
            for start in stride(from: span.range.lowerBound, to: span.range.upperBound, by: width * 2) {
                let middle = min(start + width, span.range.upperBound)
                let end = min(middle + width, span.range.upperBound)
                if middle < end {
                    active.append(Merge(row: span.row, left: start..<middle, right: middle..<end, target: start))
                }
            }
        }
        while !active.isEmpty {
            let answers = try compare(
                active.map { (order[$0.left.lowerBound], order[$0.right.lowerBound], $0.row) }, lambda)
            for index in active.indices {
                if answers[index] > 0 {
                    merged[active[index].target] = order[active[index].right.lowerBound]
                    active[index].right = active[index].right.dropFirst()
                } else {
                    merged[active[index].target] = order[active[index].left.lowerBound]
                    active[index].left = active[index].left.dropFirst()
                }
                active[index].target += 1
            }
            active.removeAll { merge in
                guard merge.left.isEmpty || merge.right.isEmpty else { return false }
                let rest = merge.left.isEmpty ? merge.right : merge.left
                for (offset, place) in rest.enumerated() { merged[merge.target + offset] = order[place] }
                return true
            }
        }
        return merged
    }

    private func compare(
        _ pairs: [(left: UInt32, right: UInt32, row: Int)], _ lambda: any LambdaEvaluator
    ) throws -> [Int32] {
        var left = ElementPicks()
        var right = ElementPicks()
        for pair in pairs {
            left.append(Int(pair.left))
            right.append(Int(pair.right))
        }
        let answers = try ZipFunctions.evaluate(
            lambda, [left.gather(list.elements), right.gather(list.elements)],
            pairs.map { UInt32(truncatingIfNeeded: $0.row) }, .integer)
        return try withExtendedLifetime(answers) {
            let view = answers.view
            return try pairs.indices.map { index in
                let answer = view.isValid(index) ? view.load(index, as: Int32.self) : Int32.max
                guard (-1...1).contains(answer) else {
                    throw QueryError(
                        .invalidFunctionArgument, "Lambda comparator must return either -1, 0, or 1")
                }
                return answer
            }
        }
    }
}
