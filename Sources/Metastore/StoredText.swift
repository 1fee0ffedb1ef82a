import SQLTypes

/// Maps, lists and storage descriptors as the JSON text that the store keeps.
enum StoredText {
    static func text(_ map: [String: String]) -> String { map.isEmpty ? "{}" : JSONValue.strings(map).text }
    static func text(_ list: [String]) -> String { JSONValue.array(list.map { .string($0) }).text }

    static func map(_ text: String) -> [String: String] {
        text == "{}" ? [:] : (try? JSONValue.parse(text))?.stringMap ?? [:]
    }

    static func list(_ text: String) -> [String] {
        ((try? JSONValue.parse(text))?.arrayValue ?? []).compactMap(\.stringValue)
    }

    /// Everything of a partition's storage but its location, which differs in every partition.
    static func text(_ storage: StorageDescriptor) -> String {
        JSONValue.object([
            .init("input", .string(storage.inputFormat)), .init("output", .string(storage.outputFormat)),
            .init("serde", .string(storage.serde)), .init("serdeParameters", .strings(storage.serdeParameters)),
            .init("parameters", .strings(storage.parameters)),
            .init(
                "columns",
                .array(
                    storage.columns.map { column in
                        .array([
                            .string(column.name), .string(column.typeName), column.comment.map { .string($0) } ?? .null,
                        ])
                    })),
        ]).text
    }

    static func storage(_ text: String) -> StorageDescriptor {
        let json = (try? JSONValue.parse(text)) ?? .null
        let columns: [CatalogColumn] = (json["columns"]?.arrayValue ?? []).compactMap { item in
            guard let parts = item.arrayValue, parts.count == 3, let name = parts[0].stringValue,
                let type = parts[1].stringValue
            else { return nil }
            return CatalogColumn(name: name, typeName: type, comment: parts[2].stringValue)
        }
        return StorageDescriptor(
            location: "", inputFormat: json["input"]?.stringValue ?? "",
            outputFormat: json["output"]?.stringValue ?? "",
            serde: json["serde"]?.stringValue ?? "", serdeParameters: json["serdeParameters"]?.stringMap ?? [:],
            columns: columns, parameters: json["parameters"]?.stringMap ?? [:])
    }
}
