import Columnar
import Expressions
import Functions
import Planning
import SQLTypes

/// SUM(bigint) with plain states, for windows that combine them.
final class PlainSum: AggregateKernel {
    var stateOffset = 0
    let stateByteCount = 16

    func update(_ states: UnsafePointer<UnsafeMutableRawPointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let view = arguments[0].view
        var position = 0
        rows.forEach { row in
            add(states[position], view.load(row, as: Int64.self), 1)
            position += 1
        }
    }

    func updateOne(_ state: UnsafeMutableRawPointer, _ arguments: [Vector], _ rows: Rows) throws {
        let view = arguments[0].view
        rows.forEach { add(state, view.load($0, as: Int64.self), 1) }
    }

    private func add(_ state: UnsafeMutableRawPointer, _ value: Int64, _ count: Int64) {
        let words = (state + stateOffset).assumingMemoryBound(to: Int64.self)
        words[0] &+= value
        words[1] += count
    }

    func combine(
        _ targets: UnsafePointer<UnsafeMutableRawPointer>, _ sources: UnsafePointer<UnsafeMutableRawPointer>, count: Int
    ) throws {
        for index in 0..<count {
            let words = (sources[index] + stateOffset).assumingMemoryBound(to: Int64.self)
            add(targets[index], words[0], words[1])
        }
    }

    func finalize(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) throws -> Vector {
        .fromValues(
            (0..<count).map { index in
                let words = (states[index] + stateOffset).assumingMemoryBound(to: Int64.self)
                return words[1] == 0 ? .null : .int(words[0])
            }, .bigint)
    }
}

/// Collects values in order, in states that own memory.
final class OwningList: AggregateKernel {
    final class Box { var values: [Value] = [] }

    var stateOffset = 0
    let stateByteCount = 8
    let ownsMemory = true

    private func box(_ state: UnsafeMutableRawPointer) -> Box {
        let place = (state + stateOffset).assumingMemoryBound(to: UnsafeRawPointer?.self)
        if let pointer = place.pointee { return Unmanaged<Box>.fromOpaque(pointer).takeUnretainedValue() }
        let made = Box()
        place.pointee = UnsafeRawPointer(Unmanaged.passRetained(made).toOpaque())
        return made
    }

    func update(_ states: UnsafePointer<UnsafeMutableRawPointer>, _ arguments: [Vector], _ rows: Rows) throws {
        var position = 0
        rows.forEach { row in
            box(states[position]).values.append(arguments[0].value(at: row))
            position += 1
        }
    }

    func updateOne(_ state: UnsafeMutableRawPointer, _ arguments: [Vector], _ rows: Rows) throws {
        rows.forEach { box(state).values.append(arguments[0].value(at: $0)) }
    }

    func combine(
        _ targets: UnsafePointer<UnsafeMutableRawPointer>, _ sources: UnsafePointer<UnsafeMutableRawPointer>, count: Int
    ) throws {
        for index in 0..<count {
            box(targets[index]).values += box(sources[index]).values
            box(sources[index]).values = []
        }
    }

    func finalize(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) throws -> Vector {
        .fromValues((0..<count).map { .array(box(states[$0]).values) }, .array(.bigint))
    }

    func destroy(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) {
        for index in 0..<count {
            let place = (states[index] + stateOffset).assumingMemoryBound(to: UnsafeRawPointer?.self)
            if let pointer = place.pointee { Unmanaged<Box>.fromOpaque(pointer).release() }
            place.pointee = nil
        }
    }
}

/// Window functions by their definition, a row at a time.
struct WindowOracle {
    enum Call {
        case ranking(WindowFunction.Kind)
        case value(WindowFunction.Kind, ignoresNulls: Bool)
        case sum
        case list
    }

    /// Offsets are constants here.
    enum Bound { case unboundedPreceding, preceding(Int), currentRow, following(Int), unboundedFollowing }

    var call: Call
    var unit: WindowFrame.Unit
    var start: Bound
    var end: Bound
    var isAscending: Bool
    var nullsFirst: Bool
    /// nth_value's, lag's, lead's and ntile's number.
    var number: Int

    /// Columns: id, partition, order key, value. Result by id.
    func results(_ rows: [[Value]]) -> [[Value]] {
        var partitions: [[[Value]]] = []
        for row in rows {
            if let index = partitions.firstIndex(where: { $0[0][1] == row[1] }) {
                partitions[index].append(row)
            } else {
                partitions.append([row])
            }
        }
        return partitions.flatMap { partition in
            // Ties are broken by id: the plan orders by it where it matters.
            let ordered = partition.sorted { compare($0, $1) < 0 || (compare($0, $1) == 0 && id($0) < id($1)) }
            return ordered.indices.map { [ordered[$0][0], result(ordered, $0)] }
        }
    }

    private func id(_ row: [Value]) -> Int64 { number(row[0]) ?? 0 }

    private func number(_ value: Value) -> Int64? {
        if case .int(let number) = value { return number }
        return nil
    }

    private func compare(_ left: [Value], _ right: [Value]) -> Int {
        switch (number(left[2]), number(right[2])) {
        case (nil, nil): return 0
        case (nil, _): return nullsFirst ? -1 : 1
        case (_, nil): return nullsFirst ? 1 : -1
        case (let first?, let second?):
            let order = first < second ? -1 : (first == second ? 0 : 1)
            return isAscending ? order : -order
        }
    }

    private func result(_ rows: [[Value]], _ position: Int) -> Value {
        let peers = rows.indices.filter { compare(rows[$0], rows[position]) == 0 }
        let first = peers[0]
        let last = peers[peers.count - 1]
        switch call {
        case .ranking(let kind):
            switch kind {
            case .rowNumber: return .int(Int64(position + 1))
            case .rank: return .int(Int64(first + 1))
            case .denseRank:
                var groups = 1
                for index in 0..<first where compare(rows[index], rows[index + 1]) != 0 { groups += 1 }
                return .int(Int64(groups))
            case .percentRank: return .double(rows.count == 1 ? 0 : Double(first) / Double(rows.count - 1))
            case .cumeDist: return .double(Double(last + 1) / Double(rows.count))
            case .ntile:
                var sizes = [Int](repeating: rows.count / number, count: number)
                for index in 0..<rows.count % number { sizes[index] += 1 }
                var left = position
                for (tile, size) in sizes.enumerated() {
                    if left < size { return .int(Int64(tile + 1)) }
                    left -= size
                }
                return .null
            case .firstValue, .lastValue, .nthValue, .lag, .lead: return .null
            }
        case .value(let kind, let ignoresNulls):
            switch kind {
            case .lag, .lead:
                var isLag = false
                if case .lag = kind { isLag = true }
                if number == 0 { return rows[position][3] }
                var left = number
                var index = position
                while true {
                    index += isLag ? -1 : 1
                    guard rows.indices.contains(index) else { return .int(-99) }
                    if ignoresNulls, rows[index][3].isNull { continue }
                    left -= 1
                    if left == 0 { return rows[index][3] }
                }
            default: break
            }
            var values = frame(rows, position).map { rows[$0][3] }
            if ignoresNulls { values.removeAll(where: \.isNull) }
            if case .firstValue = kind { return values.first ?? .null }
            if case .lastValue = kind { return values.last ?? .null }
            return number <= values.count ? values[number - 1] : .null
        case .sum:
            let values = frame(rows, position).compactMap { number(rows[$0][3]) }
            return values.isEmpty ? .null : .int(values.reduce(0, +))
        case .list:
            return .array(frame(rows, position).map { rows[$0][3] }.filter { !$0.isNull })
        }
    }

    private func frame(_ rows: [[Value]], _ position: Int) -> [Int] {
        var groups: [Int] = []
        for index in rows.indices {
            groups.append(
                index > 0 && compare(rows[index], rows[index - 1]) == 0 ? groups[index - 1] : (groups.last ?? -1) + 1)
        }
        /// How far a row lies from the current one, in the frame's unit; nil: not comparable (a NULL key).
        func distance(_ index: Int) -> Int? {
            switch unit {
            case .rows: return index - position
            case .groups: return groups[index] - groups[position]
            case .range:
                switch (number(rows[index][2]), number(rows[position][2])) {
                case (let one?, let other?): return Int(isAscending ? one - other : other - one)
                default: return nil
                }
            }
        }
        func isPast(_ index: Int, _ bound: Bound, isStart: Bool) -> Bool {
            let limit: Int
            switch bound {
            case .unboundedPreceding, .unboundedFollowing: return true
            case .currentRow:
                if unit == .range {
                    return isStart ? groups[index] >= groups[position] : groups[index] <= groups[position]
                }
                limit = 0
            case .preceding(let offset): limit = -offset
            case .following(let offset): limit = offset
            }
            guard let distance = distance(index) else {
                // NULL keys lie before or after all others.
                if number(rows[position][2]) == nil {
                    return isStart ? groups[index] >= groups[position] : groups[index] <= groups[position]
                }
                return isStart ? !nullsFirst : nullsFirst
            }
            return isStart ? distance >= limit : distance <= limit
        }
        return rows.indices.filter { isPast($0, start, isStart: true) && isPast($0, end, isStart: false) }
    }
}

/// One random window; what differs, or nil.
func checkRandomWindow(seed: UInt64) throws -> String? {
    var random = SeededGenerator(seed)
    let allocator = ColumnAllocator()
    let id = allocator.make("id", .bigint)
    let partitionTypes: [DataType] = [.integer, .varcharUnbounded]
    let partition = allocator.make("p", partitionTypes.randomElement(using: &random)!)
    let key = allocator.make("k", .bigint)
    let value = allocator.make("v", .bigint)
    let rowCount = [1, 10, 100, 300].randomElement(using: &random)!
    let variety = [1, 3, 20].randomElement(using: &random)!
    let keyVariety = [2, 10, 1000].randomElement(using: &random)!
    let rows: [[Value]] = (0..<rowCount).map { number in
        [
            .int(Int64(number)), random.value(partition.type, variety: variety),
            Double.random(in: 0..<1, using: &random) < 0.1
                ? .null : .int(Int64(Int.random(in: 0..<keyVariety, using: &random))),
            Double.random(in: 0..<1, using: &random) < 0.2 ? .null : .int(Int64.random(in: -50..<50, using: &random)),
        ]
    }
    let calls: [WindowOracle.Call] = [
        .ranking(.rowNumber), .ranking(.rank), .ranking(.denseRank), .ranking(.percentRank), .ranking(.cumeDist),
        .ranking(.ntile), .value(.firstValue, ignoresNulls: false), .value(.lastValue, ignoresNulls: true),
        .value(.nthValue, ignoresNulls: false), .value(.nthValue, ignoresNulls: true),
        .value(.lag, ignoresNulls: false),
        .value(.lag, ignoresNulls: true), .value(.lead, ignoresNulls: false), .value(.lead, ignoresNulls: true), .sum,
        .sum, .list, .list, .value(.firstValue, ignoresNulls: true), .value(.lastValue, ignoresNulls: false),
    ]
    let call = calls.randomElement(using: &random)!
    let unit = [WindowFrame.Unit.rows, .range, .groups].randomElement(using: &random)!
    // Rows by position need one order: ids break ties.
    let number = Int.random(in: 1..<5, using: &random)
    let startOffset = Int.random(in: 0..<4, using: &random)
    let endOffset = Int.random(in: 0..<4, using: &random)
    let starts: [WindowOracle.Bound] = [
        .unboundedPreceding, .preceding(startOffset), .currentRow, .following(startOffset),
    ]
    let ends: [WindowOracle.Bound] = [.preceding(endOffset), .currentRow, .following(endOffset), .unboundedFollowing]
    let oracle = WindowOracle(
        call: call, unit: unit, start: starts.randomElement(using: &random)!, end: ends.randomElement(using: &random)!,
        isAscending: Bool.random(using: &random), nullsFirst: Bool.random(using: &random), number: number)

    // Offset columns: numbers for ROWS and GROUPS, the bound's value for RANGE.
    var columns = [id, partition, key, value]
    var table = rows
    func bound(_ bound: WindowOracle.Bound) -> WindowFrame.Bound {
        func column(_ offset: Int, isPreceding: Bool) -> ColumnReference {
            let made = allocator.make("offset", .bigint)
            columns.append(made)
            for index in table.indices {
                guard unit == .range else {
                    table[index].append(.int(Int64(offset)))
                    continue
                }
                guard case .int(let number) = table[index][2] else {
                    table[index].append(.null)
                    continue
                }
                let goesDown = isPreceding == oracle.isAscending
                table[index].append(.int(goesDown ? number - Int64(offset) : number + Int64(offset)))
            }
            return made
        }
        switch bound {
        case .unboundedPreceding: return .unboundedPreceding
        case .preceding(let offset): return .preceding(column(offset, isPreceding: true))
        case .currentRow: return .currentRow
        case .following(let offset): return .following(column(offset, isPreceding: false))
        case .unboundedFollowing: return .unboundedFollowing
        }
    }
    let frame = WindowFrame(unit: unit, start: bound(oracle.start), end: bound(oracle.end))
    var orderBy = [SortKey(key, isAscending: oracle.isAscending, nullsFirst: oracle.nullsFirst)]
    // Where positions within peers show, the id makes the order total; then peers are single rows, so only ROWS
    // frames and positional functions may have it.
    var needsTotalOrder = false
    switch call {
    case .ranking(.rowNumber), .ranking(.ntile): needsTotalOrder = true
    case .value(.lag, _), .value(.lead, _): needsTotalOrder = true
    case .ranking: break
    case .value, .sum, .list: needsTotalOrder = unit == .rows
    }
    var isUnstable = false
    if needsTotalOrder {
        orderBy.append(SortKey(id))
    } else {
        switch call {
        case .value, .list: isUnstable = true
        case .ranking, .sum: break
        }
    }
    if isUnstable {
        // Peers in any order: values by the key alone.
        for index in table.indices {
            if case .int(let number) = table[index][2] {
                table[index][3] = .int(number)
            } else {
                table[index][3] = .null
            }
        }
    }
    let arguments: [AggregateArgument]
    let function: WindowCall.Function
    let result: DataType
    switch call {
    case .ranking(let kind):
        var isNtile = false
        if case .ntile = kind { isNtile = true }
        arguments = isNtile ? [.constant(.int(Int64(number)), .bigint)] : []
        function = .window(WindowFunction("f", "() -> bigint", kind: kind))
        switch kind {
        case .percentRank, .cumeDist: result = .double
        default: result = .bigint
        }
    case .value(let kind, _):
        switch kind {
        case .firstValue, .lastValue: arguments = [.column(value)]
        case .nthValue: arguments = [.column(value), .constant(.int(Int64(number)), .bigint)]
        default:
            arguments = [.column(value), .constant(.int(Int64(number)), .bigint), .constant(.int(-99), .bigint)]
        }
        function = .window(WindowFunction("f", "(T) -> T", kind: kind))
        result = .bigint
    case .sum:
        arguments = [.column(value)]
        function = .aggregate(AggregateFunction("sum", "(bigint) -> bigint") { _ in PlainSum() })
        result = .bigint
    case .list:
        arguments = [.column(value)]
        function = .aggregate(AggregateFunction("list", "(bigint) -> array(bigint)") { _ in OwningList() })
        result = .array(.bigint)
    }
    var ignoresNulls = false
    if case .value(_, true) = call { ignoresNulls = true }
    let output = allocator.make("result", result)
    let windowCall = WindowCall(
        output: output, function: function,
        signature: ResolvedSignature(arguments: arguments.map { _ in .bigint }, result: result), arguments: arguments,
        ignoresNulls: ignoresNulls, frame: frame)
    let plan = LogicalPlan.window(
        Window(
            input: LiteralTable(columns: columns, rows: table).plan, partitionBy: [partition], orderBy: orderBy,
            calls: [windowCall]))
    let expected = sorted(oracle.results(table))
    for batchRowCount in [7, 2048] {
        for threads in [1, 4] {
            let runner = PlanRunner(threads: threads, batchRowCount: batchRowCount)
            let got = sorted(try runner.run(plan, [id, output]))
            if got != expected {
                return """
                    seed \(seed): \(call) \(unit) \(oracle.start) \(oracle.end) ascending \(oracle.isAscending) nulls \
                    first \(oracle.nullsFirst) number \(number), \(rowCount) rows, batches of \(batchRowCount): \
                    \(got.count) rows, first different \
                    \(zip(got, expected).first { $0 != $1 }.map { "\($0)" } ?? "none")
                    """
            }
        }
    }
    return nil
}
