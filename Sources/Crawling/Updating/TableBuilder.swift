import Metastore
import SQLTypes
import Storage

/// Makes the catalog's table and partitions of a candidate, with the properties that Glue writes.
struct TableBuilder {
    let options: CrawlOptions
    let findings: [String: FileFinding]
    /// Turns an absolute path into the location that the table gets (the include path's own form is kept).
    let location: (String) -> String
    /// The include paths, as locations without a slash at the end.
    let includeLocations: [String]

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
        reasons += sampleReasons(files)
        let keys = partitionKeys(candidate, &reasons)
        let columns = columns(candidate.schema, keys: keys, &reasons, &warnings)
        if candidate.schema.classification == "parquet" {
            warnings += candidate.schema.conflicts.map { "table \(name): \($0)" }
        }
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
        let partitions = keys.isEmpty ? [] : candidate.leaves.map { partition($0, storage, keys, candidate) }
        let reordered = partitions.filter { $0.storage.columns.map(\.name) != columns.map(\.name) }
        if let first = reordered.first, options.partitionsInherit {
            reasons.append(
                "\(Counted.text(reordered.count, "partition")) with columns in an order of their own, such as "
                    + first.values.joined(separator: "/"))
        }
        let laidOut = partitions.count {
            $0.storage.serdeParameters != storage.serdeParameters
                || $0.storage.parameters["skip.header.line.count"] != nil
        }
        if laidOut > 0 {
            reasons.append("\(Counted.text(laidOut, "partition")) with delimiters, quotes or headers of their own")
        }
        return Built(
            table: table, partitions: partitions, reasons: reasons, warnings: warnings, candidate: candidate)
    }

    /// Why the first file was read as it was, and where the columns of others gave rise to a remark.
    private func sampleReasons(_ files: [FileEntry]) -> [String] {
        let sampled = files.lazy.compactMap { file in findings[file.path].map { (file, $0) } }
        guard let first = sampled.first else { return [] }
        var reasons = first.1.reasons
        for (file, finding) in sampled.dropFirst() {
            for reason in finding.reasons where reason.hasPrefix("column ") {
                let column = reason.prefix { $0 != ":" }
                guard !reasons.contains(where: { $0.hasPrefix(column) }) else { continue }
                reasons.append(reason + " (\(LakeFolder.lastPart(file.path)))")
            }
        }
        return reasons
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
            // An empty folder value is text.
            type = type.merged(with: value.isEmpty ? .string : TextTypeInference.type(Array(value.utf8)[...]))
        }
        switch type {
        case .bigint:
            return values.allSatisfy { $0 == Partition.nullValue || Int32($0) != nil } ? .integer : .bigint
        case .date: return .date
        default: return .varcharUnbounded
        }
    }

    private func columns(
        _ schema: SchemaCluster, keys: [CatalogColumn], _ reasons: inout [String], _ warnings: inout [String]
    ) -> [CatalogColumn] {
        var used = Set(keys.map(\.name))
        var columns: [CatalogColumn] = []
        let isPositional = schema.csv != nil
        for column in schema.columns {
            var name = column.name.lowercased()
            if used.contains(name), !isPositional, keys.contains(where: { $0.name == name }) {
                reasons.append("column \(name) of the files left out: it is a partition key")
                continue
            }
            if !used.insert(name).inserted {
                let plain = name
                var number = 2
                repeat {
                    name = "\(plain)_\(number)"
                    number += 1
                } while !used.insert(name).inserted
                warnings.append(
                    keys.contains { $0.name == plain }
                        ? "column \(plain) of the files is \(name): \(plain) is a partition key"
                        : "column \(plain) occurs twice: the second is \(name)")
            }
            columns.append(CatalogColumn(name: name, typeName: type(column.type).hiveName))
            if column.type == .null { reasons.append("column \(name) is string: the sample holds no value") }
        }
        return columns
    }

    private func type(_ type: InferredType) -> DataType {
        guard options.usesGlueTypes else { return type.dataType }
        switch type {
        case .date, .timestamp: return .varcharUnbounded
        case .huge: return .double
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
            if let serde = schema.csv?.serde.flatMap(StoredFormat.init(serde:)) {
                serde
            } else if let csv = schema.csv, csv.usesQuotes || csv.hasEmbeddedNewlines, !options.usesGlueTypes {
                .csv
            } else {
                .text
            }
        }
    }

    private func serdeParameters(_ schema: SchemaCluster, _ format: StoredFormat) -> [String: String] {
        switch format {
        case .parquet: return ["serialization.format": "1"]
        case .json:
            var parameters = ["paths": schema.columns.map(\.name).joined(separator: ",")]
            if let path = schema.jsonPath { parameters["json.path"] = path }
            return parameters
        default:
            guard let csv = schema.csv else { return [:] }
            var parameters: [String: String]
            if format == .csv {
                parameters = [
                    "separatorChar": Self.text(csv.delimiter), "quoteChar": Self.text(csv.quote ?? 0x22),
                    // The quote as escape means none: doubled quotes alone.
                    "escapeChar": csv.keepsBackslashes && csv.escape == nil ? Self.text(csv.quote ?? 0x22) : "\\",
                ]
            } else {
                parameters = ["field.delim": Self.text(csv.delimiter)]
                if let escape = csv.escape { parameters["escape.delim"] = Self.text(escape) }
            }
            if let encoding = csv.encoding, encoding != "utf-8" { parameters["serialization.encoding"] = encoding }
            return parameters
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
        let exclusions = exclusions(candidate)
        if !exclusions.isEmpty { map["exclusions"] = JSONValue.array(exclusions.map { .string($0) }).text }
        if !candidate.partitionKeys.isEmpty { map["partition_filtering.enabled"] = "true" }
        if let csv = candidate.schema.csv {
            map["delimiter"] = Self.text(csv.delimiter)
            map["columnsOrdered"] = "true"
            map["areColumnsQuoted"] = csv.usesQuotes ? "true" : "false"
            if csv.headerLineCount > 0 { map["skip.header.line.count"] = String(csv.headerLineCount) }
        }
        return map
    }

    /// Patterns of whole locations, which readers leave out: those of the crawl, and files of other kinds.
    private func exclusions(_ candidate: TableCandidate) -> [String] {
        let place = location(candidate.path)
        let include = includeLocations.first { place == $0 || place.hasPrefix($0 + "/") } ?? place
        return options.exclusions.map { GlobPattern.escaped(include) + "/" + $0 } + strayPatterns(candidate, place)
    }

    /// One pattern for files of an extension, or of a name, that none of the table's files has; the others one by one.
    private func strayPatterns(_ candidate: TableCandidate, _ place: String) -> [String] {
        guard !candidate.strays.isEmpty else { return [] }
        func fileExtension(_ path: String) -> String? {
            let name = LakeFolder.lastPart(path)
            return name.lastIndex(of: ".").map { String(name[$0...]) }
        }
        let own = candidate.leaves.flatMap(\.files).map(\.path)
        let ownExtensions = Set(own.compactMap(fileExtension))
        let ownNames = Set(own.map(LakeFolder.lastPart))
        let base = GlobPattern.escaped(place)
        var patterns: [String] = []
        for stray in candidate.strays {
            let name = LakeFolder.lastPart(stray.path)
            let pattern: String
            if candidate.strays.count < 3 {
                pattern = GlobPattern.escaped(location(stray.path))
            } else if let ending = fileExtension(stray.path), !ownExtensions.contains(ending) {
                pattern = base + "/**" + GlobPattern.escaped(ending)
            } else if !ownNames.contains(name), !candidate.partitionKeys.isEmpty {
                pattern = base + "/**/" + GlobPattern.escaped(name)
            } else {
                pattern = GlobPattern.escaped(location(stray.path))
            }
            if patterns.last != pattern, !patterns.contains(pattern) { patterns.append(pattern) }
        }
        return patterns
    }

    private func partition(
        _ leaf: TableCandidate.Leaf, _ storage: StorageDescriptor, _ keys: [CatalogColumn], _ candidate: TableCandidate
    ) -> Partition {
        var own = storage
        own.location = location(leaf.path) + "/"
        var parameters = properties(
            candidate, files: leaf.files.map(\.path), byteCount: leaf.files.reduce(0) { $0 + $1.byteCount })
        for key in ["exclusions", "partition_filtering.enabled"] { parameters[key] = nil }
        // Counts differ in every partition: they are the partition's, so that storages stay shared.
        own.parameters = [:]
        if let csv = leaf.schema.csv, let main = candidate.schema.csv {
            var merged = main
            merged.delimiter = csv.delimiter
            merged.quote = csv.quote ?? main.quote
            merged.escape = csv.escape
            merged.encoding = csv.encoding
            var schema = leaf.schema
            schema.csv = merged
            own.serdeParameters = serdeParameters(schema, format(candidate.schema))
            parameters["delimiter"] = Self.text(csv.delimiter)
            parameters["skip.header.line.count"] = csv.headerLineCount > 0 ? String(csv.headerLineCount) : nil
            if csv.headerLineCount != main.headerLineCount {
                own.parameters["skip.header.line.count"] = String(csv.headerLineCount)
            }
        }
        own.columns = columns(of: leaf, storage.columns, keys, candidate)
        return Partition(values: leaf.values, storage: own, parameters: parameters)
    }

    /// The table's columns; the partition's own when these are asked for, or when its text has them in another order.
    private func columns(
        of leaf: TableCandidate.Leaf, _ inherited: [CatalogColumn], _ keys: [CatalogColumn], _ candidate: TableCandidate
    ) -> [CatalogColumn] {
        let isReordered = leaf.schema.csv?.hasHeader == true && !candidate.schema.hasSamePositions(leaf.schema)
        guard !options.partitionsInherit || isReordered else { return inherited }
        var reasons: [String] = []
        var warnings: [String] = []
        let own = columns(leaf.schema, keys: keys, &reasons, &warnings)
        guard options.partitionsInherit else { return own }
        return own.map { column in inherited.first { $0.name == column.name } ?? column }
    }
}
