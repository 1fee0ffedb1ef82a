import Expressions
import SQLTypes
import Storage

/// Expected rows and distinct values of every node, from table statistics upwards.
struct CardinalityEstimator {
    let statistics: any StatisticsProvider
    /// Estimates of shared definitions, by id.
    var shared: [Int: (columns: [ColumnReference], estimate: PlanEstimate)] = [:]

    private let cancellation: Cancellation

    init(_ context: OptimizerContext) { self.init(context.statistics, context.cancellation) }

    init(_ statistics: any StatisticsProvider, _ cancellation: Cancellation = Cancellation()) {
        self.statistics = statistics
        self.cancellation = cancellation
    }

    mutating func estimate(_ plan: LogicalPlan) throws -> PlanEstimate {
        try cancellation.check()
        switch plan {
        case .scan(let scan): return try estimate(scan)
        case .values(let columns, let rows):
            let count = Double(rows.count)
            var result = PlanEstimate(rowCount: count)
            for column in columns { result.columns[column.id] = ColumnEstimate(domain: count) }
            return result
        case .filter(let input, let predicate):
            return SelectivityEstimator.filtered(try estimate(input), by: predicate.conjuncts)
        case .project(let input, let assignments):
            let inner = try estimate(input)
            var result = PlanEstimate(rowCount: inner.rowCount)
            for assignment in assignments {
                if let source = assignment.expression.asColumn {
                    result.columns[assignment.column.id] = inner.columns[source.id]
                } else if case .cast(let operand, _, _) = assignment.expression, let source = operand.asColumn,
                    let known = inner.columns[source.id]
                {
                    result.columns[assignment.column.id] = ColumnEstimate(
                        domain: known.domain, isKeyLike: known.isKeyLike, nullShare: known.nullShare)
                } else {
                    let domain = inner.distinctCount(of: Array(assignment.expression.columns))
                    result.columns[assignment.column.id] = ColumnEstimate(domain: domain)
                }
            }
            return result
        case .aggregate(let node):
            let inner = try estimate(node.input)
            var groups = node.keys.isEmpty ? 1 : inner.distinctCount(of: node.keys)
            if let sets = node.groupingSets {
                groups = sets.reduce(0) { total, set in
                    total + (set.isEmpty ? 1 : inner.distinctCount(of: set.map { node.keys[$0] }))
                }
            }
            var result = PlanEstimate(rowCount: groups)
            for (key, output) in zip(node.keys, node.keyOutputs) {
                var known = inner.columns[key.id] ?? ColumnEstimate(domain: inner.distinctCount(of: key))
                if node.keys.count == 1 { known.isKeyLike = true }
                result.columns[output.id] = known
            }
            for call in node.calls { result.columns[call.output.id] = ColumnEstimate(domain: groups) }
            return result
        case .join(let join): return Self.join(join, try estimate(join.left), try estimate(join.right))
        case .dependentJoin(let node):
            let left = try estimate(node.left)
            return left
        case .sort(let input, _), .sample(let input, 1): return try estimate(input)
        case .sample(let input, let fraction):
            var result = try estimate(input)
            result.rowCount *= fraction
            return result
        case .topN(let input, _, let count, _, _):
            var result = try estimate(input)
            result.rowCount = min(result.rowCount, Double(count))
            return result
        case .limit(let input, let count, let offset):
            var result = try estimate(input)
            result.rowCount = max(0, result.rowCount - Double(offset))
            if let count { result.rowCount = min(result.rowCount, Double(count)) }
            return result
        case .union(let node):
            var result = PlanEstimate(rowCount: 0)
            for (index, input) in node.inputs.enumerated() {
                let inner = try estimate(input)
                result.rowCount += inner.rowCount
                for (column, source) in zip(node.columns, node.inputColumns[index]) {
                    let domain = inner.columnDomain(source)
                    let before = result.columns[column.id]?.domain ?? 0
                    result.columns[column.id] = ColumnEstimate(domain: max(before, domain))
                }
            }
            return result
        case .window(let node):
            var result = try estimate(node.input)
            for call in node.calls { result.columns[call.output.id] = ColumnEstimate(domain: result.rowCount) }
            return result
        case .unnest(let node):
            var result = try estimate(node.input)
            result.rowCount *= Self.elementsPerArray
            for column in node.items.flatMap(\.outputs) {
                result.columns[column.id] = ColumnEstimate(domain: max(1, result.rowCount / 2))
            }
            return result
        case .enforceSingleRow(let input):
            var result = try estimate(input)
            result.rowCount = 1
            return result
        case .assignUniqueID(let input, let column):
            var result = try estimate(input)
            result.columns[column.id] = ColumnEstimate(domain: result.rowCount, isKeyLike: true)
            return result
        case .shared(let id, let definition, let body):
            shared[id] = (definition.outputColumns, try estimate(definition))
            return try estimate(body)
        case .sharedScan(let id, let columns):
            guard let known = shared[id] else { return PlanEstimate(rowCount: 1_000) }
            var result = PlanEstimate(rowCount: known.estimate.rowCount)
            for (column, source) in zip(columns, known.columns) {
                result.columns[column.id] = known.estimate.columns[source.id]
            }
            return result
        case .recursive(_, _, let base, _, _):
            return PlanEstimate(rowCount: try estimate(base).rowCount * 100)
        case .tableFunction: return PlanEstimate(rowCount: 1_000)
        }
    }

    static let elementsPerArray = 4.0

    /// Rows of the table (or its chosen partitions), before the scan's conditions.
    func unfilteredRows(_ scan: TableScan) throws -> Double {
        try statistics.statistics(of: scan)?.rowCount ?? PlanEstimate.unknownRowCount
    }

    private func estimate(_ scan: TableScan) throws -> PlanEstimate {
        guard let table = try statistics.statistics(of: scan) else {
            return SelectivityEstimator.filtered(
                PlanEstimate(rowCount: scan.provider == nil ? PlanEstimate.unknownRowCount : 100), by: scan.filter)
        }
        var result = PlanEstimate(rowCount: table.rowCount)
        for column in scan.columns {
            let name: String
            switch column.source {
            case .data(let index): name = scan.table.storage.columns[index].name
            case .partitionKey(let index): name = scan.table.partitionKeys[index].name
            case .hidden: continue
            }
            guard let facts = table.columns[name.lowercased()] else { continue }
            result.columns[column.reference.id] = Self.columnEstimate(
                facts, type: column.reference.type, rowCount: table.rowCount)
        }
        return SelectivityEstimator.filtered(result, by: scan.filter)
    }

    private static func columnEstimate(_ facts: ColumnStatistics, type: DataType, rowCount: Double) -> ColumnEstimate {
        let nullShare = rowCount > 0 ? min(1, (facts.nullCount ?? 0) / rowCount) : 0
        var span: Double?
        if let low = facts.minimum, let high = facts.maximum {
            switch type {
            case .tinyint, .smallint, .integer, .bigint, .date, .boolean:
                if let from = ColumnStatistics.position(low, type: type),
                    let to = ColumnStatistics.position(high, type: type)
                {
                    span = to - from + 1
                }
            case .decimal(_, let scale):
                if let from = ColumnStatistics.position(low, type: type),
                    let to = ColumnStatistics.position(high, type: type)
                {
                    span = (to - from) * Mathematics.power(10, Double(scale)) + 1
                }
            default: break
            }
        }
        // Text in few distinct values packs into about log2(n) bits a row.
        var packed: Double?
        if type.physical == .string, facts.byteCount > 0, rowCount > 0 {
            packed = Mathematics.power(2, min(60, facts.byteCount * 8 / rowCount + 0.5))
        }
        var domain =
            facts.distinctCount ?? min(span ?? packed ?? rowCount * PlanEstimate.unknownDistinctShare, rowCount)
        if let span { domain = min(domain, span) }
        domain = min(domain, max(1, rowCount))
        let isKeyLike: Bool
        if let distinct = facts.distinctCount {
            isKeyLike = distinct >= rowCount * 0.95
        } else {
            isKeyLike = span.map { $0 >= rowCount } ?? false
        }
        return ColumnEstimate(
            domain: domain, isKeyLike: isKeyLike && rowCount > 1, minimum: facts.minimum, maximum: facts.maximum,
            nullShare: nullShare, averageWidth: nil)
    }

    // MARK: Joins

    static func join(_ join: Join, _ left: PlanEstimate, _ right: PlanEstimate) -> PlanEstimate {
        let residual = join.residual.conjuncts
        switch join.kind {
        case .inner, .cross: return inner(join.equalities, residual, left, right)
        case .left:
            var result = inner(join.equalities, residual, left, right)
            result.rowCount = max(result.rowCount, left.rowCount)
            return result
        case .right:
            var result = inner(join.equalities, residual, left, right)
            result.rowCount = max(result.rowCount, right.rowCount)
            return result
        case .full:
            var result = inner(join.equalities, residual, left, right)
            result.rowCount = max(result.rowCount, left.rowCount + right.rowCount)
            return result
        case .semi, .anti:
            var share = matchShare(join.equalities, left, right)
            if !residual.isEmpty { share *= 0.75 }
            if join.kind == .anti { share = max(0.02, 1 - share) }
            var result = left
            result.rowCount = left.rowCount * share
            return result
        case .mark:
            var result = left
            if let mark = join.markColumn { result.columns[mark.id] = ColumnEstimate(domain: 2) }
            return result
        }
    }

    /// The share of left rows that find a partner.
    static func matchShare(_ equalities: [Join.Equality], _ left: PlanEstimate, _ right: PlanEstimate) -> Double {
        guard !equalities.isEmpty else { return 0.5 }
        var share = 1.0
        for equality in equalities {
            let domain = max(left.columnDomain(equality.left), 1)
            let present = min(right.distinctCount(of: equality.right), right.columnDomain(equality.right))
            share = min(share, present / max(domain, right.columnDomain(equality.right), 1))
        }
        return min(1, max(share, 1e-6))
    }

    static func inner(
        _ equalities: [Join.Equality], _ residual: [BoundExpression], _ left: PlanEstimate, _ right: PlanEstimate
    ) -> PlanEstimate {
        var result = PlanEstimate(rowCount: left.rowCount * right.rowCount)
        result.columns = left.columns
        result.columns.merge(right.columns) { mine, _ in mine }
        if !equalities.isEmpty {
            result.rowCount /= divisor(equalities, left, right)
            for equality in equalities {
                let domain = min(left.columnDomain(equality.left), right.columnDomain(equality.right))
                for column in [equality.left, equality.right] {
                    result.columns[column.id, default: ColumnEstimate(domain: domain)].domain = domain
                }
            }
        }
        if result.rowCount < 1 { result.rowCount = 1 }
        if left.rowCount == 0 || right.rowCount == 0 { result.rowCount = 0 }
        return residual.isEmpty ? result : SelectivityEstimator.filtered(result, by: residual)
    }

    /// By how much equalities divide the product of the inputs' rows.
    ///
    /// A key-like side gives its own domain (each row of the other side finds about one partner); else the larger
    /// domain counts. The domain of several columns together is bounded by the rows of the side that has fewer.
    static func divisor(
        _ equalities: [Join.Equality], _ left: PlanEstimate, _ right: PlanEstimate
    ) -> Double {
        var single = 1.0
        var leftProduct = 1.0
        var rightProduct = 1.0
        for equality in equalities {
            let a = left.columns[equality.left.id]
            let b = right.columns[equality.right.id]
            let aDomain = left.columnDomain(equality.left)
            let bDomain = right.columnDomain(equality.right)
            let domain: Double
            switch (a?.isKeyLike ?? false, b?.isKeyLike ?? false) {
            case (true, true): domain = min(aDomain, bDomain)
            case (true, false): domain = aDomain
            case (false, true): domain = bDomain
            case (false, false): domain = max(aDomain, bDomain)
            }
            single = max(single, domain)
            leftProduct *= aDomain
            rightProduct *= bDomain
        }
        if equalities.count == 1 { return single }
        let together = min(min(leftProduct, left.rowCount), min(rightProduct, right.rowCount))
        return max(single, together)
    }
}
