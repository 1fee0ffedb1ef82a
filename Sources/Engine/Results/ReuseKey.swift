import Expressions
import Planning
import SQLTypes
import Storage

/// Everything that a query's answer depends on, as one text: two queries with equal keys have equal answers.
///
/// It holds the statement's text, its arguments, database and settings, the version of the catalog, and every file
/// that the query may read (path, size, inode, times). Queries that depend on the clock or on chance have none, nor
/// have those over catalog tables.
struct ReuseKey: Sendable {
    let text: String
    /// No file changed so shortly before the query that a further change could leave its times as they are.
    let isSettled: Bool

    /// Settings that answers depend on.
    private static let settings = [
        "bad_data", "hive.timestamp_precision", "parquet.verify_checksum", "parse_decimal_literals_as_double",
        "s3.root", "timezone",
    ]
    private static let settlingNanoseconds: Int64 = 2_000_000_000

    /// nil for a query whose result must not be used again.
    /// - Parameter version: the catalog's, read before the query was bound: the plans belong to it if it still holds.
    init?(
        _ sql: String, _ parameters: [BindingSession.Parameter], bound: QueryPlan, optimized: QueryPlan,
        version: Int64?, session: Session, locations: LocationResolver, cancellation: Cancellation
    ) {
        guard bound.outputs.allSatisfy({ KeptRows.canRead($0.column.type) }), Self.isRepeatable(bound.plan) else {
            return nil
        }
        guard let version, version == (try? session.engine.store.tablesVersion()) else { return nil }
        var lines = [
            sql, session.database, session.workgroup, session.user, "catalog \(version)",
            bound.outputs.map { "\($0.name):\($0.column.type.displayName)" }.joined(separator: ","),
        ]
        lines += Self.settings.map { "\($0)=\(session.properties[$0])" }
        lines += parameters.map {
            "\($0.type.displayName) \($0.value.isNull ? "NULL" : ValueText.print($0.value, $0.type))"
        }
        let now = Engine.nowNanoseconds()
        var isSettled = true
        for scan in Self.scans(bound.plan, optimized.plan) {
            let folders: [String]
            if let partitions = scan.partitions {
                folders = partitions.map(\.storage.location)
            } else if scan.table.partitionKeys.isEmpty {
                folders = [scan.table.storage.location]
            } else {
                guard
                    let all = try? session.engine.store.partitions(
                        scan.table.database, scan.table.name, matching: nil)
                else { return nil }
                folders = all.map(\.storage.location)
            }
            for location in folders {
                guard let folder = try? locations.path(location),
                    let files = try? session.engine.fileSystem.listFiles(folder, cancellation: cancellation)
                else { return nil }
                for file in files {
                    lines.append("\(file.path) \(file.byteCount) \(file.inode) \(file.modified) \(file.changed)")
                    if max(file.modified, file.changed) > now - Self.settlingNanoseconds { isSettled = false }
                }
            }
        }
        text = lines.joined(separator: "\n")
        self.isSettled = isSettled
    }

    /// The scans whose files decide: those of the optimised plan, with the partitions that are left; whole tables
    /// where the optimiser answered a scan without reading (from footers).
    private static func scans(_ bound: LogicalPlan, _ optimized: LogicalPlan) -> [TableScan] {
        let before = tableScans(bound)
        let after = tableScans(optimized)
        func counts(_ scans: [TableScan]) -> [String: Int] {
            Dictionary(scans.map { ("\($0.table.database).\($0.table.name)", 1) }, uniquingKeysWith: +)
        }
        let left = counts(after)
        let lost = Set(counts(before).filter { left[$0.key] ?? 0 < $0.value }.keys)
        return after + before.filter { lost.contains("\($0.table.database).\($0.table.name)") }
    }

    private static func tableScans(_ plan: LogicalPlan) -> [TableScan] {
        var found: [TableScan] = []
        if case .scan(let scan) = plan { found.append(scan) }
        return plan.inputs.reduce(into: found) { $0 += tableScans($1) }
    }

    // MARK: - What may not be used again

    private static func isRepeatable(_ plan: LogicalPlan) -> Bool {
        switch plan {
        case .sample, .tableFunction: return false
        case .scan(let scan) where scan.provider != nil: return false
        default: return plan.expressions.allSatisfy(isRepeatable) && plan.inputs.allSatisfy(isRepeatable)
        }
    }

    private static func isRepeatable(_ expression: BoundExpression) -> Bool {
        if case .call(let call) = expression {
            if !call.function.isDeterministic || ["now", "$now"].contains(call.function.name) { return false }
        }
        // A time of day becomes a timestamp by the day of the query.
        switch expression.type {
        case .time, .timeWithTimeZone: return false
        default: return expression.children.allSatisfy(isRepeatable)
        }
    }
}
