import Columnar
import Expressions
import Functions
import SQLTypes
import Testing

@Suite("Evaluator")
struct EvaluatorTests {
    private func evaluate(_ expression: BoundExpression, _ columns: [Vector], _ selection: [Int]? = nil) throws
        -> [Value]
    {
        let count = columns[0].count
        let layout = Dictionary(uniqueKeysWithValues: columns.indices.map { ($0, $0) })
        let compiled = try CompiledExpression(expression, layout: layout, context: Make.context)
        let rows = Rows(count: count, selection: selection.map { Selection($0) })
        let vector = try compiled.evaluate(Batch(columns: columns, rowCount: count), rows: rows)
        return (selection ?? Array(0..<count)).map { vector.value(at: $0) }
    }

    private func select(_ expression: BoundExpression, _ columns: [Vector], _ selection: [Int]? = nil) throws -> [Int] {
        let count = columns[0].count
        let layout = Dictionary(uniqueKeysWithValues: columns.indices.map { ($0, $0) })
        let compiled = try CompiledExpression(expression, layout: layout, context: Make.context)
        let batch = Batch(columns: columns, rowCount: count)
        var first: [Int] = []
        // Twice: the second time dictionary results are known.
        for turn in 0..<2 {
            let kept = try compiled.select(batch, rows: Rows(count: count, selection: selection.map { Selection($0) }))
            let list = (0..<kept.count).map { Int(kept.indices[$0]) }
            if turn == 0 { first = list } else { #expect(list == first) }
        }
        return first
    }

    private func ints(_ values: [Int64?]) -> Vector {
        .fromValues(values.map { $0.map { .int($0) } ?? .null }, .bigint)
    }

    /// The same rows as a dictionary vector.
    private func dictionary(_ entries: [Value], _ codes: [Int], _ type: DataType) -> Vector {
        let dictionary = Vector.fromValues(entries, type)
        let buffer = Buffer(byteCount: codes.count * 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        let bits = Validity.makeBits(codes.count, valid: true)
        for (row, code) in codes.enumerated() {
            target[row] = UInt32(code)
            if entries[code].isNull { Validity.setNull(bits.pointer.assumingMemoryBound(to: UInt64.self), row) }
        }
        return Vector(
            dictionary: dictionary, codes: target, count: codes.count,
            validity: UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self)), owners: [buffer, bits])
    }

    @Test("Comparisons with a constant over many rows, nulls and selections, against a plain loop")
    func comparisons() throws {
        var values: [Int64?] = []
        var state: UInt64 = 42
        for _ in 0..<1000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            values.append(state >> 60 == 0 ? nil : Int64(state >> 33 & 127))
        }
        let column = ints(values)
        let c = Make.column(0, .bigint)
        let picked = stride(from: 1, to: 1000, by: 3).map { $0 }
        let tests: [(ComparisonOperator, (Int64) -> Bool)] = [
            (.equal, { $0 == 50 }), (.notEqual, { $0 != 50 }), (.less, { $0 < 50 }), (.lessOrEqual, { $0 <= 50 }),
            (.greater, { $0 > 50 }), (.greaterOrEqual, { $0 >= 50 }),
        ]
        for (op, test) in tests {
            let expression = BoundExpression.comparison(op, c, Make.bigint(50))
            #expect(try select(expression, [column]) == (0..<1000).filter { values[$0].map(test) ?? false })
            #expect(try select(expression, [column], picked) == picked.filter { values[$0].map(test) ?? false })
            let flipped = BoundExpression.comparison(op.flipped, Make.bigint(50), c)
            #expect(try select(flipped, [column]) == (0..<1000).filter { values[$0].map(test) ?? false })
        }
        let range = BoundExpression.and([
            .comparison(.greaterOrEqual, c, Make.bigint(20)), .comparison(.less, c, Make.bigint(30)),
        ])
        #expect(try select(range, [column]) == (0..<1000).filter { values[$0].map { $0 >= 20 && $0 < 30 } ?? false })
        let list = BoundExpression.inList(c, [Make.bigint(3), Make.bigint(77), Make.bigint(1 << 40)])
        #expect(try select(list, [column]) == (0..<1000).filter { values[$0] == 3 || values[$0] == 77 })
        let either = BoundExpression.or([
            .comparison(.less, c, Make.bigint(5)), .comparison(.greater, c, Make.bigint(120)), .isNull(c),
        ])
        #expect(try select(either, [column]) == (0..<1000).filter { values[$0].map { $0 < 5 || $0 > 120 } ?? true })
        #expect(try select(.not(.isNull(c)), [column]) == (0..<1000).filter { values[$0] != nil })
    }

    @Test("AND and OR have three values")
    func threeValues() throws {
        let left = Vector.fromValues([.boolean(true), .boolean(false), .null, .boolean(true), .null, .null], .boolean)
        let right = Vector.fromValues([.null, .null, .null, .boolean(true), .boolean(false), .boolean(true)], .boolean)
        let a = Make.column(0, .boolean)
        let b = Make.column(1, .boolean)
        #expect(
            try evaluate(.and([a, b]), [left, right]) == [
                .null, .boolean(false), .null, .boolean(true), .boolean(false), .null,
            ])
        #expect(
            try evaluate(.or([a, b]), [left, right]) == [
                .boolean(true), .null, .null, .boolean(true), .null, .boolean(true),
            ])
        #expect(
            try evaluate(.not(a), [left, right]) == [
                .boolean(false), .boolean(true), .null, .boolean(false), .null, .null,
            ])
        #expect(try select(.and([a, b]), [left, right]) == [3])
        #expect(try select(.not(a), [left, right]) == [1])
    }

    @Test("Errors belong to rows that are valid, selected and reached")
    func errors() throws {
        let zero = ints([1, 0, nil, 2])
        let divide = try Make.call("$divide", Make.bigint(10), Make.column(0, .bigint))
        #expect(throws: QueryError.self) { try evaluate(divide, [zero]) }
        #expect(try evaluate(divide, [zero], [0, 2, 3]) == [.int(10), .null, .int(5)])
        let guarded = BoundExpression.caseWhen(
            branches: [
                CaseBranch(condition: .comparison(.notEqual, Make.column(0, .bigint), Make.bigint(0)), result: divide)
            ],
            otherwise: Make.bigint(-1), type: .bigint)
        #expect(try evaluate(guarded, [zero]) == [.int(10), .int(-1), .int(-1), .int(5)])
        #expect(try evaluate(.tryExpression(divide), [zero]) == [.int(10), .null, .null, .int(5)])
        let filter = BoundExpression.and([
            .comparison(.notEqual, Make.column(0, .bigint), Make.bigint(0)),
            .comparison(.greater, divide, Make.bigint(5)),
        ])
        #expect(try select(filter, [zero]) == [0])
        let add = try Make.call("$add", Make.column(0, .bigint), Make.bigint(.max))
        #expect(try evaluate(add, [zero], [1, 2]) == [.int(.max), .null])
        #expect(throws: QueryError.self) { try evaluate(add, [zero], [0]) }
    }

    @Test("An unused dictionary entry never raises; a used one does")
    func dictionaryErrors() throws {
        let column = dictionary(
            [.string("1"), .string("x"), .string("3"), .null], [0, 2, 3, 0, 2, 0], .varcharUnbounded)
        let cast = BoundExpression.cast(Make.column(0, .varcharUnbounded), to: .bigint, isTry: false)
        #expect(try evaluate(cast, [column]) == [.int(1), .int(3), .null, .int(1), .int(3), .int(1)])
        let bad = dictionary([.string("1"), .string("x")], [0, 1, 0], .varcharUnbounded)
        #expect(throws: QueryError.self) { try evaluate(cast, [bad]) }
        #expect(try evaluate(cast, [bad], [0, 2]) == [.int(1), .int(1)])
        let attempt = BoundExpression.cast(Make.column(0, .varcharUnbounded), to: .bigint, isTry: true)
        #expect(try evaluate(attempt, [bad]) == [.int(1), .null, .int(1)])
    }

    @Test("Dictionary predicates equal those on rows, nulls included")
    func dictionaryPredicates() throws {
        let entries: [Value] = [.string("apple"), .string("banana"), .null, .string("apricot")]
        let codes = [0, 1, 2, 3, 0, 2, 1, 3, 3]
        let encoded = dictionary(entries, codes, .varcharUnbounded)
        let flat = Vector.fromValues(codes.map { entries[$0] }, .varcharUnbounded)
        let c = Make.column(0, .varcharUnbounded)
        let predicates: [BoundExpression] = [
            try Make.call("$like", c, Make.text("ap%")), .comparison(.equal, c, Make.text("banana")),
            .comparison(.greater, c, Make.text("apple")), .inList(c, [Make.text("apple"), Make.text("kiwi")]),
            .isNull(c),
            .not(try Make.call("$like", c, Make.text("%an%"))),
            .comparison(.isDistinctFrom, c, Make.text("apple")),
            .comparison(.equal, .coalesce([c, Make.text("apple")], type: .varcharUnbounded), Make.text("apple")),
        ]
        for predicate in predicates {
            #expect(try select(predicate, [encoded]) == select(predicate, [flat]))
            #expect(try evaluate(predicate, [encoded]) == evaluate(predicate, [flat]))
        }
    }

    @Test(
        "CASE, COALESCE and NULLIF put rows together for every layout",
        arguments: [
            (DataType.bigint, Value.int(1), Value.int(2)),
            (.varcharUnbounded, .string("short"), .string("a much longer string")),
            (.double, .double(1.5), .double(-0.0)),
            (.decimal(precision: 38, scale: 0), .int128(Int128(1) << 100), .int128(5)),
            (.array(.integer), .array([.int(1), .null]), .array([])),
            (
                .map(key: .integer, value: .varcharUnbounded), .map(keys: [.int(1)], values: [.string("x")]),
                .map(keys: [], values: [])
            ),
            (.row([RowField(name: "a", type: .integer)]), .row([.int(1)]), .row([.null])),
            (.boolean, .boolean(true), .boolean(false)),
        ])
    func blends(type: DataType, one: Value, two: Value) throws {
        let flags = Vector.fromValues([.boolean(true), .boolean(false), .null, .boolean(true)], .boolean)
        let values = Vector.fromValues([one, two, .null, .null], type)
        let others = Vector.fromValues([two, one, two, one], type)
        let expression = BoundExpression.caseWhen(
            branches: [CaseBranch(condition: Make.column(0, .boolean), result: Make.column(1, type))],
            otherwise: Make.column(2, type), type: type)
        #expect(try evaluate(expression, [flags, values, others]) == [one, one, two, .null])
        let coalesce = BoundExpression.coalesce([Make.column(1, type), Make.column(2, type)], type: type)
        #expect(try evaluate(coalesce, [flags, values, others]) == [one, two, two, one])
        let constant = BoundExpression.caseWhen(
            branches: [CaseBranch(condition: Make.column(0, .boolean), result: .constant(one, type))],
            otherwise: .null(type), type: type)
        #expect(try evaluate(constant, [flags, values, others]) == [one, .null, .null, one])
    }

    @Test("NULLIF")
    func nullIf() throws {
        let values = ints([1, 2, nil])
        #expect(try evaluate(.nullIf(Make.column(0, .bigint), Make.int(2)), [values]) == [.int(1), .null, .null])
    }

    @Test("Rows are made and taken apart")
    func rows() throws {
        let a = ints([1, nil, 3])
        let type = DataType.row([RowField(name: "x", type: .bigint), RowField(name: "y", type: .varcharUnbounded)])
        let row = BoundExpression.makeRow(
            [Make.column(0, .bigint), .constant(.string("k"), .varcharUnbounded)], type: type)
        #expect(
            try evaluate(row, [a]) == [
                .row([.int(1), .string("k")]), .row([.null, .string("k")]), .row([.int(3), .string("k")]),
            ])
        #expect(try evaluate(.field(row, index: 0, type: .bigint), [a]) == [.int(1), .null, .int(3)])
    }

    @Test("A repeated subexpression is evaluated once for a projection")
    func shared() throws {
        let random = BoundExpression.call(
            FunctionCall(
                function: try FunctionRegistry.standard.resolveScalar(name: "random", argumentTypes: []).function,
                signature: ResolvedSignature(arguments: [], result: .double), arguments: []))
        let projection = try CompiledProjection([random, random], layout: [:], context: Make.context)
        let vectors = try projection.evaluate(Batch(columns: [], rowCount: 50))
        // Random numbers are never shared.
        #expect(vectors[0].value(at: 0) != vectors[1].value(at: 0))
        let sum = try Make.call("$add", Make.column(0, .bigint), Make.bigint(1))
        let both = try CompiledProjection(
            [try Make.call("$multiply", sum, sum), sum], layout: [0: 0], context: Make.context)
        let results = try both.evaluate(Batch(columns: [ints([1, 2, nil])], rowCount: 3))
        #expect((0..<3).map { results[0].value(at: $0) } == [.int(4), .int(9), .null])
        #expect((0..<3).map { results[1].value(at: $0) } == [.int(2), .int(3), .null])
    }

    @Test("A constant comparison of nested values is unknown where parts are")
    func nestedEquality() throws {
        let type = DataType.array(.integer)
        func array(_ values: [Int64?]) -> BoundExpression {
            .constant(.array(values.map { $0.map { .int($0) } ?? .null }), type)
        }
        #expect(try Make.value(.comparison(.equal, array([1, 2]), array([1, 2]))) == "true")
        #expect(try Make.value(.comparison(.equal, array([1, nil]), array([1, 2]))) == "NULL")
        #expect(try Make.value(.comparison(.equal, array([1, nil]), array([2, nil]))) == "false")
        #expect(try Make.value(.comparison(.less, array([1]), array([1, 2]))) == "true")
        #expect(try Make.value(.comparison(.isDistinctFrom, array([nil]), array([nil]))) == "false")
    }
}

@Suite("Constant folding")
struct ConstantFolderTests {
    private let folder = ConstantFolder(context: Make.context)

    @Test("Constants become one, errors stay")
    func folds() throws {
        let sum = try Make.call("$add", Make.int(1), Make.int(2))
        #expect(folder.fold(sum) == Make.int(3))
        let division = try Make.call("$divide", Make.int(1), Make.int(0))
        #expect(folder.fold(division) == division)
        #expect(folder.fold(.tryExpression(division)) == .null(.integer))
        let date = BoundExpression.cast(Make.text("2020-01-01"), to: .date, isTry: false)
        let day = try Make.call("$add", date, .constant(.int(86_400_000), .intervalDayToSecond))
        #expect(folder.fold(day) == .constant(.int(18263), .date))
    }

    @Test("Logic with constants is simplified")
    func logic() throws {
        let c = BoundExpression.comparison(.equal, Make.column(0, .bigint), Make.bigint(1))
        #expect(folder.fold(.and([c, .true])) == c)
        #expect(folder.fold(.and([c, .false])) == .false)
        #expect(folder.fold(.or([.false, c])) == c)
        #expect(folder.fold(.or([c, .true])) == .true)
        #expect(
            folder.fold(
                .caseWhen(
                    branches: [CaseBranch(condition: .true, result: Make.int(1))], otherwise: Make.int(2),
                    type: .integer)) == Make.int(1))
        #expect(
            folder.fold(.coalesce([.null(.bigint), Make.column(0, .bigint)], type: .bigint)) == Make.column(0, .bigint))
        #expect(folder.fold(.comparison(.equal, Make.column(0, .bigint), .null(.bigint))) == .null(.boolean))
    }
}
