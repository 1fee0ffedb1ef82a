import Metastore
import SQLTypes
import Storage

/// Reads the sample of a new table through the reader that queries will use, so that no table is written that cannot
/// be read. A text column that the reader refuses becomes `string`, with the reason in the report.
struct TableVerifier {
    let format: (String) throws -> any FileFormat
    let context: ScanContext
    /// Rows read of each file, and files of each table.
    let maxRows: Int
    static let maxFiles = 3

    func verify(_ built: inout TableBuilder.Built) throws {
        // Every round mends one column.
        for _ in 0...built.table.storage.columns.count {
            guard let error = try firstError(built) else { return }
            guard built.table.parameters["classification"] != "parquet", let column = error.location?.column,
                let index = built.table.storage.columns.firstIndex(where: { $0.name == column.lowercased() }),
                built.table.storage.columns[index].typeName != "string"
            else {
                built.warnings.append("table \(built.table.name) cannot be read: \(error.text)")
                return
            }
            let old = built.table.storage.columns[index].typeName
            built.reasons.append("column \(column) is string: as \(old) it cannot be read (\(error.text))")
            built.table.storage.columns[index].typeName = "string"
            for partition in built.partitions.indices {
                guard index < built.partitions[partition].storage.columns.count else { continue }
                built.partitions[partition].storage.columns[index].typeName = "string"
            }
        }
    }

    private func firstError(_ built: TableBuilder.Built) throws -> QueryError? {
        let table = built.table
        do {
            let columns = try table.storage.columns.map {
                SchemaColumn(name: $0.name, type: try $0.dataType())
            }
            let reader = try format(table.storage.serde)
            let description = StorageDescription(
                serde: table.storage.serde, properties: table.parameters.merging(table.storage.serdeParameters) { $1 },
                columns: columns)
            let request = ScanRequest(
                columns: columns.enumerated().map { RequestedColumn(name: $1.name, type: $1.type, ordinal: $0) })
            for file in built.candidate.leaves.flatMap(\.files).prefix(Self.maxFiles) {
                guard let split = try reader.splits(of: file, description, context).first else { continue }
                let batches = try reader.open(split, request, context)
                var rows = 0
                while rows < maxRows, let batch = try batches.next() { rows += batch.selectedCount }
            }
            return nil
        } catch let error as QueryError {
            if error.code == .userCanceled { throw error }
            return error
        }
    }
}
