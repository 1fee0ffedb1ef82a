import Metastore
import SQLTypes

/// Makes the catalog's table and partitions of a candidate, with the properties that Glue writes.
struct TableBuilder {
    let options: CrawlOptions
    let findings: [String: FileFinding]
    /// Turns an absolute path into the location that the table gets (the include path's own form is kept).
    let location: (String) -> String

    struct Built {
        var table: Table
        var partitions: [Partition]
        var reasons: [String]
        var warnings: [String]
        /// Files to check the table with.
        var candidate: TableCandidate
    }

    func build(_ candidate: TableCandidate, name: String) -> Built {
        var reasons = candidate.reasons
        var warnings = candidate.warnings
        let files = candidate.leaves.flatMap(\.files)
        reasons += files.lazy.compactMap { findings[$0.path] }.first?.reasons ?? []
        let keys = partitionKeys(candidate, &reasons)
        let columns = columns(candidate, keys: keys, &reasons, &warnings)
        let format = format(candidate.schema)
        let properties = properties(
            candidate, files: files.map(\.path), byteCount: files.reduce(0) { $0 + $1.byteCount })
        let storage = StorageDescriptor(
            location: location(candidate.path) + (candidate.isFile ? "" : "/"), inputFormat: format.inputFormat,
            outputFormat: format.outputFormat, serde: format.serde,
            serdeParameters: serdeParameters(candidate.schema, format), columns: columns, parameters: properties)
        let table = Table(
            database: options.database, name: name, kind: .external, storage: storage, partitionKeys: keys,
            parameters: properties.merging(["EXTERNAL": "TRUE"]) { $1 })
        let partitions = keys.isEmpty ? [] : candidate.leaves.map { partition($0, storage, candidate) }
        return Built(
            table: table, partitions: partitions, reasons: reasons, warnings: warnings, candidate: candidate)
    }

    // MARK: - Columns

    private func partitionKeys(_ candidate: TableCandidate, _ reasons: inout [String]) -> [CatalogColumn] {
        var used: Set<String> = []
        return candidate.partitionKeys.enumerated().map { index, key in
            var name = key.isEmpty ? "partition_\(index)" : TableNames.name(key, prefix: "")
            while !used.insert(name).inserted { name += "_\(index)" }
            var type = DataType.varcharUnbounded
            if options.infersPartitionTypes {
                type = Self.partitionType(candidate.leaves.map { $0.values[index] })
                reasons.append("partition key \(name) is \(type.hiveName) by its values")
            }
            return CatalogColumn(name: name, typeName: type.hiveName)
        }
    }

    private static func partitionType(_ values: [String]) -> DataType {
        var type = InferredType.null
        for value in values where value != Partition.nullValue {
            type = type.merged(with: TextTypeInference.type(Array(value.utf8)[...]))
        }
        switch type {
        case .bigint:
            return values.allSatisfy { $0 == Partition.nullValue || Int32($0) != nil } ? .integer : .bigint
        case .date: return .date
        default: return .varcharUnbounded
        }
    }

    private func columns(
        _ candidate: TableCandidate, keys: [CatalogColumn], _ reasons: inout [String], _ warnings: inout [String]
    ) -> [CatalogColumn] {
        var used = Set(keys.map(\.name))
        var columns: [CatalogColumn] = []
        let isPositional = candidate.schema.csv != nil
        for column in candidate.schema.columns {
            var name = column.name.lowercased()
            if used.contains(name), !isPositional, keys.contains(where: { $0.name == name }) {
                reasons.append("column \(name) of the files is left out: it is a partition key")
                continue
            }
            if !used.insert(name).inserted {
                let plain = name
                var number = 2
                repeat {
                    name = "\(plain)_\(number)"
                    number += 1
                } while !used.insert(name).inserted
                warnings.append("the name \(plain) occurs twice: the second column is \(name)")
            }
            columns.append(CatalogColumn(name: name, typeName: type(column.type).hiveName))
            if column.type == .null { reasons.append("column \(name) is string: the sample holds only nulls") }
        }
        return columns
    }

    private func type(_ type: InferredType) -> DataType {
        guard options.usesGlueTypes else { return type.dataType }
        switch type {
        case .date, .timestamp: return .varcharUnbounded
        case .array(let element): return .array(self.type(element))
        default: return type.dataType
        }
    }

    // MARK: - Storage

    private func format(_ schema: SchemaCluster) -> StoredFormat {
        switch schema.classification {
        case "parquet": .parquet
        case "json": .json
        default:
            if let csv = schema.csv, csv.usesQuotes || csv.hasEmbeddedNewlines, !options.usesGlueTypes {
                .csv
            } else {
                .text
            }
        }
    }

    private func serdeParameters(_ schema: SchemaCluster, _ format: StoredFormat) -> [String: String] {
        switch format {
        case .parquet: return ["serialization.format": "1"]
        case .json: return ["paths": schema.columns.map(\.name).joined(separator: ",")]
        case .csv:
            guard let csv = schema.csv else { return [:] }
            return [
                "separatorChar": Self.text(csv.delimiter), "quoteChar": Self.text(csv.quote ?? 0x22),
                "escapeChar": "\\",
            ]
        default:
            guard let csv = schema.csv else { return [:] }
            return ["field.delim": Self.text(csv.delimiter)]
        }
    }

    private static func text(_ byte: UInt8) -> String { String(Character(Unicode.Scalar(byte))) }

    private func properties(_ candidate: TableCandidate, files: [String], byteCount: Int) -> [String: String] {
        let known = files.compactMap { findings[$0] }
        let records = known.reduce(0) { $0 + $1.recordCount }
        // Files that were not sampled count as the mean of those that were.
        let all = known.isEmpty ? 0 : records * files.count / known.count
        var map = [
            "UPDATED_BY_CRAWLER": options.name, "CrawlerSchemaSerializerVersion": "1.0",
            "CrawlerSchemaDeserializerVersion": "1.0", "classification": candidate.schema.classification,
            "compressionType": known.first?.compression ?? "none", "typeOfData": "file",
            "objectCount": String(files.count), "recordCount": String(all), "sizeKey": String(byteCount),
            "averageRecordSize": String(known.isEmpty ? 0 : known.reduce(0) { $0 + $1.recordByteCount } / known.count),
        ]
        if !options.exclusions.isEmpty {
            map["exclusions"] = JSONValue.array(options.exclusions.map { .string($0) }).text
        }
        if let csv = candidate.schema.csv {
            map["delimiter"] = Self.text(csv.delimiter)
            map["columnsOrdered"] = "true"
            map["areColumnsQuoted"] = csv.usesQuotes ? "true" : "false"
            if csv.hasHeader { map["skip.header.line.count"] = "1" }
        }
        return map
    }

    private func partition(_ leaf: TableCandidate.Leaf, _ storage: StorageDescriptor, _ candidate: TableCandidate)
        -> Partition
    {
        var own = storage
        own.location = location(leaf.path) + "/"
        let parameters = properties(
            candidate, files: leaf.files.map(\.path), byteCount: leaf.files.reduce(0) { $0 + $1.byteCount })
        // Counts differ in every partition: they are the partition's, so that storages stay shared.
        own.parameters = [:]
        if !options.partitionsInherit, let finding = leaf.files.lazy.compactMap({ findings[$0.path] }).first {
            var reasons: [String] = []
            var warnings: [String] = []
            var narrow = candidate
            narrow.schema = SchemaCluster(finding)
            own.columns = columns(narrow, keys: partitionKeys(candidate, &reasons), &reasons, &warnings)
        }
        return Partition(values: leaf.values, storage: own, parameters: parameters)
    }
}
