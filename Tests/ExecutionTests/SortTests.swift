import Columnar
import Execution
import Expressions
import Planning
import SQLTypes
import Testing

/// ORDER BY and top-N against a stable sort by comparison.
@Suite struct SortTests {
    @Test("Random rows and keys", arguments: 0..<30)
    func agreesWithComparison(seed: Int) throws {
        var random = SeededGenerator(UInt64(seed) &* 31 &+ 1)
        let allocator = ColumnAllocator()
        let choices: [DataType] = [
            .bigint, .varcharUnbounded, .integer, .double, .boolean, .decimal(precision: 38, scale: 0),
            .array(.integer), .timestampWithTimeZone(precision: 3), .smallint,
        ]
        let types = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            choices[Int.random(in: 0..<choices.count, using: &random)]
        }
        let columns = types.enumerated().map { allocator.make("c\($0)", $1) }
        let number = allocator.make("n", .bigint)
        let rows = (0..<Int.random(in: 0...2000, using: &random)).map { index in
            types.map { random.value($0, variety: 12) } + [.int(Int64(index))]
        }
        let keys = columns.map {
            SortKey($0, isAscending: Bool.random(using: &random), nullsFirst: Bool.random(using: &random))
        }
        let table = LiteralTable(columns: columns + [number], rows: rows)
        // The key columns in order; equal keys may come in any order, so only they are compared.
        let vectors = columns.indices.map { column in Vector.fromValues(rows.map { $0[column] }, types[column]) }
        let order = rows.indices.sorted { left, right in
            for (vector, key) in zip(vectors, keys) {
                let result: Int
                switch (vector.isNull(left), vector.isNull(right)) {
                case (true, true): result = 0
                case (true, false): result = key.nullsFirst ? -1 : 1
                case (false, true): result = key.nullsFirst ? 1 : -1
                case (false, false):
                    let plain = Comparison.compare(vector, left, vector, right)
                    result = key.isAscending ? plain : -plain
                }
                if result != 0 { return result < 0 }
            }
            return left < right
        }
        let expected = order.map { row in Self.normal(Array(rows[row].prefix(types.count)), types) }
        let limit = Int.random(in: 0...40, using: &random)
        let offset = Int.random(in: 0...10, using: &random)
        for runner in [PlanRunner(), PlanRunner(threads: 3, batchRowCount: 7)] {
            let all = try runner.run(.sort(table.plan, keys), columns + [number])
            #expect(all.map { Self.normal(Array($0.prefix(types.count)), types) } == expected)
            #expect(Set(all.map { $0[types.count] }).count == rows.count)
            let top = try runner.run(
                .topN(table.plan, keys, count: limit, offset: offset, withTies: false), columns)
            #expect(top.map { Self.normal($0, types) } == Array(expected.dropFirst(offset).prefix(limit)))
        }
    }

    /// Values that sort alike are written alike.
    private static func normal(_ row: [Value], _ types: [DataType]) -> [String] {
        zip(row, types).map { value, type in
            switch value {
            case .double(let number): number == 0 ? "0" : "\(number)"
            case .int128(let number):
                if case .timestampWithTimeZone = type { "\(number >> 16)" } else { "\(number)" }
            default: "\(value)"
            }
        }
    }

    @Test func manyRowsOverManyThreads() throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .integer)
        let text = allocator.make("t", .varcharUnbounded)
        let rows = (0..<80_000).map { [Value.int(Int64($0 * 7919 % 80_021)), .string("text number \($0)")] }
        let plan = LogicalPlan.sort(LiteralTable(columns: [key, text], rows: rows).plan, [SortKey(key)])
        let found = try PlanRunner(threads: 2).run(plan, [key, text])
        let numbers = found.compactMap { row -> Int64? in if case .int(let number) = row[0] { number } else { nil } }
        #expect(numbers == numbers.sorted())
        #expect(found.count == rows.count)
        for row in found.prefix(100) { #expect(rows.contains(row)) }
    }

    @Test func ties() throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .integer)
        let rows = [3, 1, 2, 2, 2, 5].map { [Value.int($0)] }
        let plan = LogicalPlan.topN(
            LiteralTable(columns: [key], rows: rows).plan, [SortKey(key)], count: 2, offset: 0, withTies: true)
        #expect(try PlanRunner().run(plan, [key]) == [1, 2, 2, 2].map { [.int($0)] })
    }

    @Test func limits() throws {
        let allocator = ColumnAllocator()
        let key = allocator.make("k", .integer)
        let rows = (0..<100).map { [Value.int($0)] }
        let plan = LogicalPlan.limit(LiteralTable(columns: [key], rows: rows).plan, count: 10, offset: 95)
        for runner in [PlanRunner(), PlanRunner(threads: 1, batchRowCount: 7)] {
            #expect(try runner.run(plan, [key]) == (95..<100).map { [.int($0)] })
        }
        let none = LogicalPlan.limit(LiteralTable(columns: [key], rows: rows).plan, count: 0, offset: 0)
        #expect(try PlanRunner().run(none, [key]).isEmpty)
    }
}
