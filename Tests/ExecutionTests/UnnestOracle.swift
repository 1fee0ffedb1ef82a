import Expressions
import Planning
import SQLTypes

/// UNNEST of random rows by its definition; what differs, or nil.
func checkUnnest(batchRowCount: Int, keepsEmpty: Bool) throws -> String? {
    var random = SeededGenerator(UInt64(batchRowCount) * 2 + (keepsEmpty ? 1 : 0))
    let allocator = ColumnAllocator()
    let rowType = DataType.row([
        RowField(name: "x", type: .integer), RowField(name: "y", type: .varcharUnbounded),
    ])
    let id = allocator.make("id", .bigint)
    let list = allocator.make("a", .array(.varcharUnbounded))
    let map = allocator.make("m", .map(key: .integer, value: .varcharUnbounded))
    let structs = allocator.make("s", .array(rowType))
    let rows: [[Value]] = (0..<40).map { number in
        func length() -> Int? {
            Int.random(in: 0..<5, using: &random) == 0 ? nil : Int.random(in: 0..<4, using: &random)
        }
        let elements = length().map { Value.array((0..<$0).map { _ in random.value(.varcharUnbounded, variety: 5) }) }
        let entries = length().map { count in
            Value.map(
                keys: (0..<count).map { .int(Int64($0)) },
                values: (0..<count).map { _ in random.value(.varcharUnbounded, variety: 5) })
        }
        let records = length().map { Value.array((0..<$0).map { _ in random.value(rowType, variety: 5) }) }
        return [.int(Int64(number)), elements ?? .null, entries ?? .null, records ?? .null]
    }
    let outputs = [
        allocator.make("element", .varcharUnbounded), allocator.make("key", .integer),
        allocator.make("value", .varcharUnbounded), allocator.make("x", .integer),
        allocator.make("y", .varcharUnbounded), allocator.make("ordinality", .bigint),
    ]
    var expected: [[Value]] = []
    for row in rows {
        var columns: [[Value]] = [[], [], [], [], []]
        if case .array(let elements) = row[1] { columns[0] = elements }
        if case .map(let keys, let values) = row[2] {
            columns[1] = keys
            columns[2] = values
        }
        if case .array(let records) = row[3] {
            for record in records {
                if case .row(let fields) = record {
                    columns[3].append(fields[0])
                    columns[4].append(fields[1])
                } else {
                    columns[3].append(.null)
                    columns[4].append(.null)
                }
            }
        }
        let length = columns.map(\.count).max() ?? 0
        for index in 0..<length {
            expected.append(
                [row[0]] + columns.map { index < $0.count ? $0[index] : .null } + [.int(Int64(index + 1))])
        }
        if length == 0, keepsEmpty { expected.append([row[0]] + [Value](repeating: .null, count: 6)) }
    }
    let plan = LogicalPlan.unnest(
        Unnest(
            input: LiteralTable(columns: [id, list, map, structs], rows: rows).plan,
            items: [
                Unnest.Item(column: list, outputs: [outputs[0]]),
                Unnest.Item(column: map, outputs: [outputs[1], outputs[2]]),
                Unnest.Item(column: structs, outputs: [outputs[3], outputs[4]]),
            ], ordinality: outputs[5], keepsEmpty: keepsEmpty, passThrough: [id]))
    let got = try PlanRunner(batchRowCount: batchRowCount).run(plan, [id] + outputs)
    if sorted(got) == sorted(expected) { return nil }
    return "\(got.count) rows instead of \(expected.count): "
        + "\(zip(sorted(got), sorted(expected)).first { $0 != $1 }.map { "\($0)" } ?? "none")"
}
