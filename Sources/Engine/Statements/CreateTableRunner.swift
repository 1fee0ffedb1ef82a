import Metastore
import SQLSyntax
import SQLTypes

/// CREATE [EXTERNAL] TABLE of Hive DDL: from the syntax tree to the catalog's table.
struct CreateTableRunner {
    let statement: CreateExternalTable
    let database: String
    let name: String

    /// - Throws: what is wrong with the definition, before anything is written.
    func table() throws -> Table {
        var properties = try Self.properties(statement.properties)
        try refuseTableFormats(properties)
        let columns = try Self.columns(statement.columns)
        let keys = try partitionKeys()
        try checkNames(columns + keys)
        guard !columns.isEmpty else {
            throw QueryError(
                .missingColumnName, "CREATE TABLE needs a column list; to infer one from the files use a crawler",
                at: statement.place.value)
        }
        guard let location = statement.location, !location.isEmpty else {
            throw QueryError(
                .invalidTableProperty, "No location was specified for the table: add LOCATION 'folder/'",
                at: statement.place.value)
        }
        var storage = try storageFormat()
        storage.location = location
        storage.columns = columns
        storage.serdeParameters.merge(try Self.properties(statement.serdeProperties)) { $1 }
        if let clustering = statement.clusteredBy {
            storage.bucketColumns = clustering.columns.map(\.canonical)
            storage.bucketCount = clustering.bucketCount
            for column in clustering.columns where !columns.contains(where: { $0.name == column.canonical }) {
                throw QueryError(
                    .columnNotFound, "CLUSTERED BY column '\(column.canonical)' does not exist", at: column.position)
            }
        }
        properties["EXTERNAL"] = "TRUE"
        return Table(
            database: database, name: name, kind: .external, storage: storage, partitionKeys: keys,
            parameters: properties, comment: statement.comment)
    }

    static func properties(_ list: [TextProperty]) throws -> [String: String] {
        var map: [String: String] = [:]
        for property in list {
            guard map.updateValue(property.value, forKey: property.key) == nil else {
                throw QueryError(
                    .duplicateProperty, "The property '\(property.key)' is given twice", at: property.position)
            }
        }
        return map
    }

    static func columns(_ list: [HiveColumn]) throws -> [CatalogColumn] {
        try list.map { column in
            let type = try column.type.resolve(in: .hive)
            guard type.isStorableInHive else {
                throw QueryError(
                    .notSupported, "Unsupported Hive type: \(type.displayName)", at: column.type.position)
            }
            return CatalogColumn(name: column.name.canonical, typeName: type.hiveName, comment: column.comment)
        }
    }

    private func refuseTableFormats(_ properties: [String: String]) throws {
        let format = properties.first { $0.key.lowercased() == "table_type" }?.value.uppercased()
        if let format, format != "HIVE" {
            throw QueryError(.notSupported, "Tables of the type \(format) are not supported", at: statement.place.value)
        }
        guard statement.isExternal else {
            throw QueryError(
                .notSupported, "CREATE TABLE without EXTERNAL is only for Iceberg tables: write CREATE EXTERNAL TABLE",
                at: statement.place.value)
        }
    }

    private func partitionKeys() throws -> [CatalogColumn] {
        try statement.partitionedBy.map { element in
            switch element {
            case .column(let column):
                let key = try Self.columns([column])[0]
                let type = try column.type.resolve(in: .hive)
                guard !type.isNested, type != .varbinary else {
                    throw QueryError(
                        .notSupported, "Partition column '\(key.name)' may not have the type \(key.typeName)",
                        at: column.type.position)
                }
                return key
            case .identity(let name):
                throw QueryError(
                    .columnTypeUnknown, "Partition column '\(name.canonical)' needs a type", at: name.position)
            case .transform(let name, _, _):
                throw QueryError(
                    .notSupported, "Partition transforms such as \(name.canonical)() are only for Iceberg tables",
                    at: name.position)
            }
        }
    }

    private func checkNames(_ columns: [CatalogColumn]) throws {
        var seen: Set<String> = []
        for column in columns where !seen.insert(column.name).inserted {
            let isKey = statement.partitionedBy.contains { element in
                if case .column(let key) = element { key.name.canonical == column.name } else { false }
            }
            throw QueryError(
                .duplicateColumnName,
                isKey
                    ? "Column '\(column.name)' is a partition column and may not stand in the column list too"
                    : "Column name '\(column.name)' specified more than once",
                at: statement.place.value)
        }
    }

    private func storageFormat() throws -> StorageDescriptor {
        var format = StoredFormat.text
        var input: String?
        var output: String?
        switch statement.storedAs {
        case nil: break
        case .format(let name):
            guard let known = StoredFormat(storedAs: name.value) else {
                let names = ["TEXTFILE", "PARQUET", "ORC", "AVRO", "ION", "SEQUENCEFILE", "RCFILE"]
                throw QueryError(
                    .hiveUnsupportedFormat,
                    "Unknown storage format '\(name.value)'" + NearNames.hint(name.value, among: names),
                    at: name.position)
            }
            format = known
        case .classes(let inputClass, let outputClass):
            input = inputClass
            output = outputClass
        }
        var serde = format.serde
        var parameters: [String: String] = [:]
        switch statement.rowFormat {
        case nil:
            if format == .text { parameters["serialization.format"] = "1" }
        case .serde(let name, let properties):
            serde = name
            parameters = try Self.properties(properties)
            if input == nil, statement.storedAs == nil, let own = StoredFormat(serde: name) { format = own }
        case .delimited(let delimited): parameters = Self.delimiters(delimited)
        }
        return StorageDescriptor(
            location: "", inputFormat: input ?? format.inputFormat, outputFormat: output ?? format.outputFormat,
            serde: serde, serdeParameters: parameters, columns: [])
    }

    private static func delimiters(_ delimited: CreateExternalTable.Delimited) -> [String: String] {
        var parameters: [String: String] = [:]
        if let fields = delimited.fields {
            parameters["field.delim"] = fields
            parameters["serialization.format"] = fields
        }
        parameters["escape.delim"] = delimited.escape
        // Hive writes the name with this spelling.
        parameters["colelction.delim"] = delimited.collectionItems
        parameters["mapkey.delim"] = delimited.mapKeys
        parameters["line.delim"] = delimited.lines
        parameters["serialization.null.format"] = delimited.null
        return parameters
    }
}
