import Columnar
import Execution
import Expressions
import Functions
import Planning
import SQLTypes
import Testing

/// GROUP BY against its definition, over random rows, with few and many groups, threads and batch sizes.
@Suite struct AggregationTests {
    private static func call(
        _ allocator: ColumnAllocator, _ name: String, _ columns: [ColumnReference], isDistinct: Bool = false,
        filter: ColumnReference? = nil, orderBy: [SortKey] = []
    ) throws -> AggregateCall {
        let (function, signature) = try FunctionRegistry.standard.resolveAggregate(
            name: name, argumentTypes: columns.map(\.type))
        return AggregateCall(
            output: allocator.make(name, signature.result), function: function, signature: signature,
            arguments: columns.map { .column($0) }, isDistinct: isDistinct, filter: filter, orderBy: orderBy)
    }

    private static let runners = [
        PlanRunner(), PlanRunner(threads: 3, batchRowCount: 7), PlanRunner(threads: 2, batchRowCount: 100),
    ]

    @Test("Groups of random keys", arguments: 0..<24)
    func agreesWithDefinition(seed: Int) throws {
        var random = SeededGenerator(UInt64(seed) &* 977 &+ 5)
        let allocator = ColumnAllocator()
        let keyTypes: [[DataType]] = [
            [.bigint], [.varcharUnbounded], [.integer, .varcharUnbounded], [.boolean, .tinyint], [.double],
            [.decimal(precision: 38, scale: 2)], [.array(.integer)], [.date, .bigint, .varcharUnbounded],
            [.timestampWithTimeZone(precision: 3)], [], [.smallint], [.integer, .integer],
        ]
        let types = keyTypes[seed % keyTypes.count]
        let keys = types.enumerated().map { allocator.make("k\($0)", $1) }
        let value = allocator.make("v", .integer)
        let flag = allocator.make("f", .boolean)
        let variety = [1, 4, 30, 400][(seed / 3) % 4]
        let rows = (0..<Int.random(in: 0...3000, using: &random)).map { _ -> [Value] in
            types.map { random.value($0, variety: variety) }
                + [random.value(.integer, variety: 50), random.value(.boolean, variety: 2)]
        }
        let table = LiteralTable(columns: keys + [value, flag], rows: rows)
        let calls = [
            try Self.call(allocator, "count", []), try Self.call(allocator, "count", [value]),
            try Self.call(allocator, "sum", [value]), try Self.call(allocator, "min", [value]),
            try Self.call(allocator, "max", [value], filter: flag),
            try Self.call(allocator, "count", [value], isDistinct: true),
            try Self.call(allocator, "sum", [value], isDistinct: true, filter: flag),
        ]
        let plan = LogicalPlan.aggregate(Aggregate(input: table.plan, keys: keys, calls: calls))

        // By definition.
        var groups: [(key: [Value], rows: [[Value]])] = []
        if types.isEmpty { groups.append(([], [])) }
        var places: [String: [Int]] = [:]
        for row in rows {
            let key = Array(row.prefix(types.count))
            let text = key.map { Self.bucket($0) }.joined(separator: "|")
            let known = (types.isEmpty ? [0] : places[text] ?? []).first { place in
                zip(zip(groups[place].key, key), types).allSatisfy { $0.0.isSame($0.1, $1, ofJoin: false) }
            }
            if let known {
                groups[known].rows.append(row)
            } else {
                places[text, default: []].append(groups.count)
                groups.append((key, [row]))
            }
        }
        let expected = groups.map { group -> [Value] in
            let values = group.rows.compactMap { Self.number($0[types.count]) }
            let flagged = group.rows.filter { $0[types.count + 1] == .boolean(true) }.compactMap {
                Self.number($0[types.count])
            }
            return [
                .int(Int64(group.rows.count)), .int(Int64(values.count)),
                values.isEmpty ? .null : .int(values.reduce(0, +)), values.min().map { .int($0) } ?? .null,
                flagged.max().map { .int($0) } ?? .null, .int(Int64(Set(values).count)),
                flagged.isEmpty ? .null : .int(Set(flagged).reduce(0, +)),
            ]
        }
        for runner in Self.runners {
            let found = try runner.run(plan, calls.map(\.output))
            #expect(sorted(found) == sorted(expected), "seed \(seed), batches of \(runner.batchRowCount)")
            let keysFound = try runner.run(plan, keys)
            #expect(keysFound.count == groups.count)
        }
    }

    private static func number(_ value: Value) -> Int64? { if case .int(let number) = value { number } else { nil } }

    /// Values that may be the same have one text.
    private static func bucket(_ value: Value) -> String {
        switch value {
        case .double(let number): number == 0 ? "0" : "\(number)"
        case .int128(let number): "\(number >> 16)"
        default: "\(value)"
        }
    }

    @Test("More groups than a table holds go through partitions", arguments: [1, 2])
    func manyGroups(threads: Int) throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .bigint)
        let text = allocator.make("t", .varcharUnbounded)
        let value = allocator.make("v", .bigint)
        let count = 150_000
        let rows = (0..<count).map { number -> [Value] in
            let group = number * 7919 % 100_000
            return [.int(Int64(group)), .string("a text of some length \(group)"), .int(Int64(number))]
        }
        let table = LiteralTable(columns: [key, text, value], rows: rows)
        for keys in [[key], [text], [key, text]] {
            let calls = [
                try Self.call(allocator, "count", []), try Self.call(allocator, "sum", [value]),
                try Self.call(allocator, "array_agg", [value]),
            ]
            let plan = LogicalPlan.aggregate(Aggregate(input: table.plan, keys: keys, calls: calls))
            let found = try PlanRunner(threads: threads).run(plan, [keys[0]] + calls.map(\.output))
            #expect(found.count == 100_000)
            var total: Int64 = 0
            var sum: Int64 = 0
            for row in found {
                guard case .int(let rowCount) = row[1], case .int(let rowSum) = row[2], case .array(let list) = row[3]
                else { continue }
                total += rowCount
                sum += rowSum
                #expect(list.count == Int(rowCount))
            }
            #expect(total == Int64(count))
            #expect(sum == Int64(count) * Int64(count - 1) / 2)
        }
    }

    @Test func groupingSets() throws {
        let allocator = ColumnAllocator()
        let a = allocator.make("a", .integer)
        let b = allocator.make("b", .varcharUnbounded)
        let table = LiteralTable(
            columns: [a, b], rows: [[.int(1), .string("x")], [.int(1), .string("y")], [.int(2), .string("x")]])
        let outputs = [allocator.make("a", .integer), allocator.make("b", .varcharUnbounded)]
        let groupID = allocator.make("g", .bigint)
        let count = try Self.call(allocator, "count", [])
        let plan = LogicalPlan.aggregate(
            Aggregate(
                input: table.plan, keys: [a, b], groupingSets: [[0, 1], [0], []], keyOutputs: outputs, groupID: groupID,
                calls: [count]))
        let expected: [[Value]] = [
            [.int(1), .string("x"), .int(0), .int(1)], [.int(1), .string("y"), .int(0), .int(1)],
            [.int(2), .string("x"), .int(0), .int(1)], [.int(1), .null, .int(1), .int(2)],
            [.int(2), .null, .int(1), .int(1)], [.null, .null, .int(2), .int(3)],
        ]
        for runner in Self.runners {
            let found = try runner.run(plan, outputs + [groupID, count.output])
            #expect(sorted(found) == sorted(expected))
        }
        let empty = LogicalPlan.aggregate(
            Aggregate(
                input: LiteralTable(columns: [a, b], rows: []).plan, keys: [a, b], groupingSets: [[0], []],
                keyOutputs: outputs, groupID: groupID, calls: [count]))
        #expect(try PlanRunner().run(empty, [groupID, count.output]) == [[.int(1), .int(0)]])
    }

    @Test func orderedAggregates() throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .integer)
        let value = allocator.make("v", .integer)
        let rows = (0..<500).map { [Value.int(Int64($0 % 3)), .int(Int64($0 * 7919 % 500))] }
        let call = try Self.call(
            allocator, "array_agg", [value], orderBy: [SortKey(value, isAscending: false, nullsFirst: false)])
        let plan = LogicalPlan.aggregate(
            Aggregate(input: LiteralTable(columns: [key, value], rows: rows).plan, keys: [key], calls: [call]))
        for runner in Self.runners {
            for row in try runner.run(plan, [call.output]) {
                guard case .array(let list) = row[0] else { continue }
                let numbers = list.compactMap { Self.number($0) }
                #expect(numbers == numbers.sorted(by: >))
            }
        }
    }

    @Test func sumsOverflowAtTheEndOnly() throws {
        let allocator = ColumnAllocator()
        let value = allocator.make("v", .bigint)
        let call = try Self.call(allocator, "sum", [value])
        func sum(_ values: [Int64]) throws -> [[Value]] {
            let table = LiteralTable(columns: [value], rows: values.map { [.int($0)] })
            return try PlanRunner().run(
                .aggregate(Aggregate(input: table.plan, keys: [], calls: [call])), [call.output])
        }
        #expect(try sum([.max, 1, -1]) == [[.int(.max)]])
        let error = #expect(throws: QueryError.self) { try sum([.max, 1]) }
        #expect(error?.code == .numericValueOutOfRange)
    }

    @Test func memoryLimitEndsTheQuery() throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .bigint)
        let table = LiteralTable(columns: [key], rows: (0..<100_000).map { [.int(Int64($0))] })
        let plan = LogicalPlan.aggregate(Aggregate(input: table.plan, keys: [key], calls: []))
        let error = #expect(throws: QueryError.self) {
            try PlanRunner(memoryLimit: 1 << 20).run(plan, [key])
        }
        #expect(error?.code == .exceededLocalMemoryLimit)
    }
}
