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

    /// - Parameter unchanged: files that an earlier crawl has verified.
    func verify(_ built: inout TableBuilder.Built, unchanged: Set<String>) throws {
        // Every round mends one column.
        for _ in 0...built.table.storage.columns.count {
            guard let error = try firstError(built, unchanged) else { return }
            guard built.table.parameters["classification"] != "parquet", let column = error.location?.column,
                let index = built.table.storage.columns.firstIndex(where: { $0.name == column.lowercased() }),
                built.table.storage.columns[index].typeName != "string"
            else {
                // A conflict of types that the report names already.
                if !built.candidate.schema.conflicts.isEmpty, built.table.parameters["classification"] == "parquet" {
                    return
                }
                built.warnings.append("table \(built.table.name) cannot be read: \(error.description)")
                return
            }
            let old = built.table.storage.columns[index].typeName
            built.reasons.append("column \(column) is string: as \(old) it cannot be read (\(error.text))")
            let name = built.table.storage.columns[index].name
            built.table.storage.columns[index].typeName = "string"
            for partition in built.partitions.indices {
                for place in built.partitions[partition].storage.columns.indices
                where built.partitions[partition].storage.columns[place].name == name {
                    built.partitions[partition].storage.columns[place].typeName = "string"
                }
            }
        }
    }

    private func firstError(_ built: TableBuilder.Built, _ unchanged: Set<String>) throws -> QueryError? {
        let table = built.table
        do {
            let reader = try format(table.storage.serde)
            var left = Self.maxFiles
            for (index, leaf) in built.candidate.leaves.enumerated() where left > 0 {
                let storage = built.partitions.indices.contains(index) ? built.partitions[index].storage : table.storage
                let columns = try storage.columns.map {
                    SchemaColumn(name: $0.name, type: try $0.dataType())
                }
                var properties = table.parameters.merging(table.storage.serdeParameters) { $1 }
                properties.merge(storage.parameters) { $1 }
                properties.merge(storage.serdeParameters) { $1 }
                let description = StorageDescription(
                    serde: storage.serde, properties: properties, columns: columns)
                let request = ScanRequest(
                    columns: columns.enumerated().map { RequestedColumn(name: $1.name, type: $1.type, ordinal: $0) })
                for file in leaf.files where left > 0 && !unchanged.contains(file.path) {
                    left -= 1
                    guard let split = try reader.splits(of: file, description, context).first else { continue }
                    let batches = try reader.open(split, request, context)
                    var rows = 0
                    while rows < maxRows, let batch = try batches.next() { rows += batch.selectedCount }
                }
            }
            return nil
        } catch let error as QueryError {
            if error.code == .userCanceled { throw error }
            return error
        }
    }
}
