import Metastore
import SQLTypes

/// A statement of the history as Athena's QueryExecution; times are seconds since 1970, as in the AWS JSON protocol.
enum HistoryText {
    static func json(_ record: QueryRecord) -> JSONValue {
        let statistics = [
            "DataScannedInBytes", "EngineExecutionTimeInMillis", "QueryPlanningTimeInMillis",
            "TotalExecutionTimeInMillis",
        ].map { JSONValue.Member($0, record.details[$0] ?? .null) }
        return .object([
            .init("QueryExecutionId", .string(record.id)), .init("Query", .string(record.sql)),
            .init("StatementType", .string(record.kind)),
            .init(
                "ResultConfiguration", .object([.init("OutputLocation", record.details["OutputLocation"] ?? .null)])),
            .init(
                "QueryExecutionContext",
                .object([
                    .init("Database", .string(record.database)), .init("Catalog", .string("awsdatacatalog")),
                ])),
            .init(
                "Status",
                .object([
                    .init("State", .string(record.state.rawValue)),
                    .init("StateChangeReason", record.reason.map { .string($0) } ?? .null),
                    .init("SubmissionDateTime", seconds(record.submittedAt)),
                    .init("CompletionDateTime", record.completedAt.map(seconds) ?? .null),
                ])),
            .init(
                "Statistics",
                .object(
                    statistics + [
                        .init(
                            "ResultReuseInformation",
                            .object([
                                .init("ReusedPreviousResult", record.details["ReusedPreviousResult"] ?? .bool(false))
                            ]))
                    ])),
            .init("WorkGroup", .string(record.workgroup)),
        ])
    }

    private static func seconds(_ milliseconds: Int64) -> JSONValue {
        let rest = String(milliseconds % 1000)
        return .number("\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)")
    }
}
