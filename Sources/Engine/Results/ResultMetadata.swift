import SQLTypes

/// The `.metadata` file beside a kept result: one JSON object.
///
/// Athena writes a protocol buffer there that it does not document; what it shows of it is GetQueryResults'
/// ResultSetMetadata. So the file holds that, as the AWS JSON protocol spells it, and people can read it:
/// ```
/// {"ColumnInfo":[{"CatalogName":"hive","SchemaName":"","TableName":"","Name":"n","Label":"n","Type":"bigint",
///   "Precision":19,"Scale":0,"Nullable":"UNKNOWN","CaseSensitive":false}],
///  "QueryExecutionId":"...","StatementType":"DML","RowCount":1}
/// ```
struct ResultMetadata {
    var columns: [ResultColumn]
    var queryID: String
    var kind: StatementKind
    var rowCount: Int

    var json: JSONValue {
        .object([
            .init("ColumnInfo", .array(columns.map(Self.column))), .init("QueryExecutionId", .string(queryID)),
            .init("StatementType", .string(kind.rawValue)), .init("RowCount", .int(rowCount)),
        ])
    }

    private static func column(_ column: ResultColumn) -> JSONValue {
        let (precision, scale) = size(column.type)
        return .object([
            .init("CatalogName", .string("hive")), .init("SchemaName", .string("")), .init("TableName", .string("")),
            .init("Name", .string(column.name)), .init("Label", .string(column.name)),
            .init("Type", .string(typeName(column.type))), .init("Precision", .int(precision)),
            .init("Scale", .int(scale)), .init("Nullable", .string("UNKNOWN")),
            .init("CaseSensitive", .bool(column.type.isCharacter)),
        ])
    }

    /// The type's name without its arguments.
    private static func typeName(_ type: DataType) -> String {
        switch type {
        case .real: "float"
        case .timestampWithTimeZone: "timestamp with time zone"
        case .timeWithTimeZone: "time with time zone"
        default: String(type.displayName.prefix { $0 != "(" })
        }
    }

    private static func size(_ type: DataType) -> (precision: Int, scale: Int) {
        switch type {
        case .tinyint: (3, 0)
        case .smallint: (5, 0)
        case .integer: (10, 0)
        case .bigint: (19, 0)
        case .real, .double: (17, 0)
        case .decimal(let precision, let scale): (precision, scale)
        case .varchar(let length): (length ?? Int(Int32.max), 0)
        case .char(let length): (length, 0)
        case .varbinary: (Int(Int32.max), 0)
        case .time(let precision), .timeWithTimeZone(let precision), .timestamp(let precision),
            .timestampWithTimeZone(let precision):
            (precision, 0)
        default: (0, 0)
        }
    }
}
