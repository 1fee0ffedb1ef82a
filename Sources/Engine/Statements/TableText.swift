import Metastore

/// A table as SHOW CREATE TABLE prints it: Hive DDL that creates it again.
enum TableText {
    static func lines(_ table: Table) -> [String] {
        var lines = ["CREATE EXTERNAL TABLE \(name(table.database)).\(name(table.name))("]
        lines += columns(table.storage.columns)
        if let comment = table.comment { lines += ["COMMENT \(quoted(comment))"] }
        if !table.partitionKeys.isEmpty { lines += ["PARTITIONED BY ( "] + columns(table.partitionKeys) }
        if let count = table.storage.bucketCount {
            lines += ["CLUSTERED BY ( "]
            lines += table.storage.bucketColumns.enumerated().map { index, column in
                "  \(column)" + (index + 1 < table.storage.bucketColumns.count ? ", " : ") ")
            }
            lines += ["INTO \(count) BUCKETS"]
        }
        lines += ["ROW FORMAT SERDE ", "  \(quoted(table.storage.serde)) "]
        if !table.storage.serdeParameters.isEmpty {
            lines += ["WITH SERDEPROPERTIES ( "] + properties(table.storage.serdeParameters, end: ") ")
        }
        lines += ["STORED AS INPUTFORMAT ", "  \(quoted(table.storage.inputFormat)) "]
        lines += ["OUTPUTFORMAT ", "  \(quoted(table.storage.outputFormat))"]
        lines += ["LOCATION", "  \(quoted(table.storage.location))"]
        // EXTERNAL is said by the statement's head.
        let parameters = table.parameters.filter { $0.key != "EXTERNAL" }
        if !parameters.isEmpty { lines += ["TBLPROPERTIES ("] + properties(parameters, end: ")") }
        return lines
    }

    private static func columns(_ columns: [CatalogColumn]) -> [String] {
        columns.enumerated().map { index, column in
            "  \(name(column.name)) \(column.typeName)" + (column.comment.map { " COMMENT \(quoted($0))" } ?? "")
                + (index + 1 < columns.count ? ", " : ")")
        }
    }

    private static func properties(_ map: [String: String], end: String) -> [String] {
        let sorted = map.sorted { $0.key < $1.key }
        return sorted.enumerated().map { index, item in
            "  \(quoted(item.key))=\(quoted(item.value))" + (index + 1 < sorted.count ? ", " : end)
        }
    }

    static func name(_ text: String) -> String {
        "`" + text.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    /// A Hive string: backslash escapes.
    static func quoted(_ text: String) -> String {
        var out = "'"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "'": out += "\\'"
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out + "'"
    }
}
