import Metastore
import SQLSyntax
import SQLTypes

/// DESCRIBE [EXTENDED | FORMATTED]: Hive's layout, as rows of three columns.
struct DescribeRunner {
    let table: Table

    func rows(_ style: Describe.Style) -> StatementRows {
        var rows = StatementRows("col_name", "data_type", "comment")
        if style == .formatted { heading(&rows, "# col_name", "data_type", "comment") }
        for column in table.storage.columns { rows.append(column.name, column.typeName, column.comment ?? "") }
        if style != .formatted {
            for key in table.partitionKeys { rows.append(key.name, key.typeName, key.comment ?? "") }
        }
        if !table.partitionKeys.isEmpty {
            rows.append("", nil, nil)
            rows.append("# Partition Information", nil, nil)
            heading(&rows, "# col_name", "data_type", "comment")
            for key in table.partitionKeys { rows.append(key.name, key.typeName, key.comment ?? "") }
        }
        switch style {
        case .plain: break
        case .extended:
            rows.append("", nil, nil)
            rows.append("Detailed Table Information", details().map { "\($0.0)\($0.1)" }.joined(separator: ", "), nil)
        case .formatted:
            rows.append("", nil, nil)
            rows.append("# Detailed Table Information", nil, nil)
            for (name, value) in details() { rows.append(name, value, nil) }
            if table.kind != .view {
                rows.append("", nil, nil)
                rows.append("# Storage Information", nil, nil)
                for (name, value) in storage() { rows.append(name, value, nil) }
            }
        }
        return rows
    }

    private func heading(_ rows: inout StatementRows, _ first: String, _ second: String, _ third: String) {
        rows.append(first, second, third)
        rows.append("", nil, nil)
    }

    private func details() -> [(String, String)] {
        var lines = [
            ("Database:", table.database), ("Owner:", table.owner ?? ""),
            ("CreateTime:", CivilTime.text(seconds: table.createdAt)), ("Location:", table.storage.location),
            ("Table Type:", table.kind.rawValue),
        ]
        if let comment = table.comment { lines.append(("Comment:", comment)) }
        lines += table.parameters.sorted { $0.key < $1.key }.map { ("Table Parameters: \($0.key)", $0.value) }
        if let text = table.viewText { lines.append(("View Text:", text)) }
        return lines
    }

    private func storage() -> [(String, String)] {
        var lines = [
            ("SerDe Library:", table.storage.serde), ("InputFormat:", table.storage.inputFormat),
            ("OutputFormat:", table.storage.outputFormat),
            ("Num Buckets:", table.storage.bucketCount.map(String.init) ?? "-1"),
            ("Bucket Columns:", "[" + table.storage.bucketColumns.joined(separator: ", ") + "]"),
        ]
        lines += table.storage.serdeParameters.sorted { $0.key < $1.key }.map {
            ("Storage Desc Params: \($0.key)", $0.value)
        }
        return lines
    }

    /// `DESCRIBE t column.field`: steps through structs, arrays (`$elem$`) and maps (`$key$`, `$value$`).
    func rows(path: [Identifier]) throws -> StatementRows {
        var rows = StatementRows("col_name", "data_type", "comment")
        guard let first = path.first,
            let column = (table.storage.columns + table.partitionKeys).first(where: { $0.name == first.canonical })
        else {
            throw QueryError(
                .columnNotFound,
                "Column '\(path.first?.canonical ?? "")' does not exist"
                    + NearNames.hint(path.first?.canonical ?? "", among: table.storage.columns.map(\.name)),
                at: path.first?.position)
        }
        var type = try column.dataType()
        for step in path.dropFirst() {
            switch (type, step.canonical) {
            case (.array(let element), "$elem$"): type = element
            case (.map(let key, _), "$key$"): type = key
            case (.map(_, let value), "$value$"): type = value
            case (.row(let fields), let name):
                guard let field = fields.first(where: { $0.name?.lowercased() == name }) else {
                    throw QueryError(.columnNotFound, "Field '\(name)' does not exist", at: step.position)
                }
                type = field.type
            default:
                throw QueryError(
                    .columnNotFound, "A value of type \(type.hiveName) has no '\(step.canonical)'", at: step.position)
            }
        }
        if case .row(let fields) = type, path.count > 1 {
            for field in fields { rows.append(field.name ?? "", field.type.hiveName, "from deserializer") }
        } else {
            rows.append(
                path[path.count - 1].canonical, type.hiveName,
                path.count == 1 ? column.comment ?? "" : "from deserializer")
        }
        return rows
    }
}
