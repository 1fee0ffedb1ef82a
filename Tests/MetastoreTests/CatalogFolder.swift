import Foundation
import Metastore
import SQLTypes

/// A temporary catalog folder.
final class CatalogFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/athena-lite-catalog-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw QueryError(.genericInternalError, "no temporary folder") }
        path = String(cString: made)
    }

    deinit {
        chmod(path, 0o755)
        try? FileManager.default.removeItem(atPath: path)
    }

    func store(readOnly: Bool = false) -> MetastoreStore { MetastoreStore(folder: path, readOnly: readOnly) }

    var file: String { path + "/metastore.sqlite" }

    static func table(_ name: String, keys: [String] = []) -> Table {
        let storage = StorageDescriptor(
            location: "/data/\(name)/", inputFormat: StoredFormat.text.inputFormat,
            outputFormat: StoredFormat.text.outputFormat, serde: StoredFormat.text.serde,
            serdeParameters: ["field.delim": ","], columns: [CatalogColumn(name: "x", typeName: "int", comment: "an x")]
        )
        return Table(
            database: "default", name: name, kind: .external, storage: storage,
            partitionKeys: keys.map { CatalogColumn(name: $0, typeName: "string") }, parameters: ["a": "b"])
    }

    static func partition(_ table: Table, _ values: [String]) -> Partition {
        var storage = table.storage
        storage.location += values.joined(separator: "/") + "/"
        return Partition(values: values, storage: storage, parameters: ["rows": "1"])
    }
}
