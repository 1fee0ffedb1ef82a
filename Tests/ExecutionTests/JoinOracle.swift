import Expressions
import Planning
import SQLTypes

/// Joins two literal tables by looking at every pair of rows.
struct JoinOracle {
    var kind: Join.Kind
    /// Column positions of both sides.
    var equalities: [(left: Int, right: Int, isNullSafe: Bool)]
    /// Left column < right column.
    var lessThan: (left: Int, right: Int)?
    var isNullAware: Bool

    /// TRUE, FALSE or nil (NULL) for the first equality alone.
    private func equal(
        _ equality: (left: Int, right: Int, isNullSafe: Bool), _ left: [Value], _ right: [Value], _ types: [DataType]
    ) -> Bool? {
        let first = left[equality.left]
        let second = right[equality.right]
        if equality.isNullSafe {
            if first.isNull || second.isNull { return first.isNull && second.isNull }
            // IS NOT DISTINCT FROM treats NaN as one value.
            return first.isSame(second, types[equality.left], ofJoin: false)
        }
        if first.isNull || second.isNull { return nil }
        return first.isSame(second, types[equality.left], ofJoin: true)
    }

    func rows(_ left: LiteralTable, _ right: LiteralTable) -> [[Value]] {
        let types = left.columns.map(\.type)
        var result: [[Value]] = []
        var rightMatched = [Bool](repeating: false, count: right.rows.count)
        for row in left.rows {
            var isMatched = false
            var isUnknown = false
            for (index, other) in right.rows.enumerated() {
                var holds = true
                var unknown = false
                for (number, equality) in equalities.enumerated() {
                    switch equal(equality, row, other, types) {
                    case true: break
                    case false: holds = false
                    case nil:
                        if isNullAware, number == 0 { unknown = true } else { holds = false }
                    }
                }
                if let lessThan {
                    if case .int(let first) = row[lessThan.left], case .int(let second) = other[lessThan.right] {
                        if first >= second { holds = false }
                    } else {
                        holds = false
                    }
                }
                if !holds { continue }
                if unknown {
                    isUnknown = true
                    continue
                }
                isMatched = true
                rightMatched[index] = true
                switch kind {
                case .inner, .left, .right, .full, .cross: result.append(row + other)
                case .semi, .anti, .mark: break
                }
            }
            switch kind {
            case .left, .full: if !isMatched { result.append(row + right.columns.map { _ in .null }) }
            case .semi: if isMatched { result.append(row) }
            case .anti: if !isMatched, !isUnknown { result.append(row) }
            case .mark: result.append(row + [isMatched ? .boolean(true) : (isUnknown ? .null : .boolean(false))])
            case .inner, .right, .cross: break
            }
        }
        switch kind {
        case .right, .full:
            for (index, other) in right.rows.enumerated() where !rightMatched[index] {
                result.append(left.columns.map { _ in .null } + other)
            }
        case .inner, .left, .cross, .semi, .anti, .mark: break
        }
        return result
    }

    /// The same as a plan.
    func plan(
        _ left: LiteralTable, _ right: LiteralTable, buildsLeft: Bool, _ columns: ColumnAllocator
    ) -> (LogicalPlan, [ColumnReference]) {
        var residual = BoundExpression.true
        if let lessThan {
            residual = .comparison(
                .less, .column(left.columns[lessThan.left]), .column(right.columns[lessThan.right]))
        }
        var join = Join(
            kind: kind, left: left.plan, right: right.plan,
            equalities: equalities.map {
                Join.Equality(left.columns[$0.left], right.columns[$0.right], isNullSafe: $0.isNullSafe)
            }, residual: residual, isNullAware: isNullAware)
        join.buildsLeft = buildsLeft
        var outputs = left.columns
        switch kind {
        case .mark:
            let mark = columns.make("mark", .boolean)
            join.markColumn = mark
            outputs.append(mark)
        case .inner, .left, .right, .full, .cross: outputs += right.columns
        case .semi, .anti: break
        }
        return (.join(join), outputs)
    }
}

/// One random case: what differs, or nil.
func checkRandomJoin(seed: UInt64) throws -> String? {
    var random = SeededGenerator(seed)
    let allocator = ColumnAllocator()
    let keyTypes: [[DataType]] = [
        [.integer], [.bigint], [.varcharUnbounded], [.double], [.integer, .smallint], [.varcharUnbounded, .integer],
        [.decimal(precision: 38, scale: 0)], [.boolean], [.timestampWithTimeZone(precision: 3)], [.array(.integer)],
        [], [.date, .bigint],
        [.row([RowField(name: "x", type: .integer), RowField(name: "y", type: .varcharUnbounded)])],
    ]
    let types = keyTypes.randomElement(using: &random)! + [.integer, .varcharUnbounded]
    let keyCount = types.count - 2
    let variety = [2, 7, 40, 400].randomElement(using: &random)!
    let sizes = keyCount == 0 ? [0, 1, 5, 60] : [0, 1, 5, 60, 400]
    func table(_ prefix: String) -> LiteralTable {
        let nulls = [0, 0.15].randomElement(using: &random)!
        let columns = types.enumerated().map { allocator.make("\(prefix)\($0)", $1) }
        let count = sizes.randomElement(using: &random)!
        let rows = (0..<count).map { _ in types.map { random.value($0, variety: variety, nulls: nulls) } }
        return LiteralTable(columns: columns, rows: rows)
    }
    let left = table("l")
    let right = table("r")
    let kinds: [Join.Kind] = [.inner, .left, .right, .full, .semi, .anti, .mark]
    let kind = keyCount == 0 && Bool.random(using: &random) ? .cross : kinds.randomElement(using: &random)!
    let isNullAware = keyCount > 0 && (kind == .mark || kind == .anti) && Bool.random(using: &random)
    let isNullSafe = Int.random(in: 0..<4, using: &random) == 0
    let oracle = JoinOracle(
        kind: kind,
        equalities: (0..<keyCount).map { ($0, $0, isNullSafe && !(isNullAware && $0 == 0)) },
        lessThan: kind != .cross && Bool.random(using: &random) ? (keyCount, keyCount) : nil, isNullAware: isNullAware)
    let buildsLeft = Bool.random(using: &random)
    let (plan, outputs) = oracle.plan(left, right, buildsLeft: buildsLeft, allocator)
    let expected = sorted(oracle.rows(left, right))
    for batchRowCount in [7, 2048] {
        for threads in [1, 4] {
            let runner = PlanRunner(threads: threads, batchRowCount: batchRowCount)
            let got = sorted(try runner.run(plan, outputs))
            if got != expected {
                return """
                    seed \(seed): \(kind) keys \(types.prefix(keyCount).map(\.displayName)) builds \
                    \(buildsLeft ? "left" : "right") null-aware \(isNullAware) null-safe \(isNullSafe) residual \
                    \(oracle.lessThan != nil) sizes \(left.rows.count) \(right.rows.count), batches of \
                    \(batchRowCount), \(threads) workers: \(got.count) rows instead of \(expected.count)
                    first different: \(zip(got, expected).first { $0 != $1 }.map { "\($0)" } ?? "none")
                    """
            }
        }
    }
    return nil
}
