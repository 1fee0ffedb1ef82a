import SQLTypes
import Storage

/// JSON objects: one a line, pretty-printed, one after the other, or as elements of a top-level array.
struct JSONClassifier: Classifier {
    /// nil for the built-in one, whose records are the documents.
    let settings: JSONClassifierSettings?

    var name: String { settings?.name ?? "json" }

    func classify(_ sample: FileSample) throws -> FileFinding? {
        var text = sample.text
        if let settings {
            guard JSONDocuments(text).beginsAsJSON else { return nil }
            let stream = JSONPathStream(MemoryStream(Array(text)), settings.path)
            let records = try [UInt8](unsafeUninitializedCapacity: text.count * 2 + 1) { room, count in
                count = try stream.read(into: UnsafeMutableRawBufferPointer(room))
            }
            text = records[...]
        }
        var documents = JSONDocuments(text)
        guard documents.beginsAsJSON else { return nil }
        var row = InferredType.null
        var count = 0
        var bytes = 0
        var lineCount = 0
        while count < sample.maxRecords, let document = documents.next() {
            guard let value = try? JSONValue.parse(bytes: Array(document)), case .object = value else {
                // The last document of a sample may be cut. What else is broken queries will name, if they read it.
                if count == 0 { return nil }
                break
            }
            row = row.merged(with: Self.type(value))
            count += 1
            bytes += document.count + 1
            if document.contains(0x0a) { lineCount += 1 }
        }
        guard count > 0, case .structure(let fields) = row else { return nil }
        let recordBytes = max(bytes / count, 1)
        var shape = documents.isArray ? " of one array" : ""
        if lineCount > 0 { shape += ", pretty-printed" }
        var reasons = [
            Counted.text(count, "JSON object") + shape + (settings.map { " at \($0.path.text)" } ?? "") + " sampled"
        ]
        if settings == nil, count == 1, let list = Self.onlyList(fields) {
            reasons.append(
                "the objects in '\(list)' become the records with --classifier 'NAME:path=$.\(list)[*]'")
        }
        return FileFinding(
            classification: "json", compression: sample.compression, columns: fields, csv: nil,
            jsonPath: settings?.path.text,
            recordCount: sample.isWhole && count < sample.maxRecords
                ? count : max(sample.estimatedByteCount / recordBytes, count),
            recordByteCount: recordBytes, sampledByteCount: sample.rawByteCount,
            reasons: reasons)
    }

    /// The one field that is a list of objects: most likely what the document is about.
    private static func onlyList(_ fields: [InferredType.Field]) -> String? {
        let lists = fields.filter { if case .array(.structure) = $0.type { true } else { false } }
        return lists.count == 1 ? lists[0].name : nil
    }

    static func type(_ value: JSONValue) -> InferredType {
        switch value {
        case .null: return .null
        case .bool: return .boolean
        case .number(let text):
            if text.contains(where: { ".eE".contains($0) }) { return .double }
            guard let number = Int64(text) else { return text.utf8.count <= 38 ? .huge : .double }
            return Int32(exactly: number) == nil ? .bigint : .int
        case .string(let text):
            // Numbers in quotes stay text; dates and timestamps are recognised.
            switch TextTypeInference.type(Array(text.utf8)[...]) {
            case .date: return .date
            case .timestamp: return .timestamp
            default: return .string
            }
        case .array(let items): return .array(items.reduce(.null) { $0.merged(with: type($1)) })
        case .object(let members):
            var fields: [InferredType.Field] = []
            for member in members {
                let type = type(member.value)
                if let index = fields.firstIndex(where: { $0.name.lowercased() == member.key.lowercased() }) {
                    fields[index].type = fields[index].type.merged(with: type)
                } else {
                    fields.append(InferredType.Field(name: member.key, type: type))
                }
            }
            return .structure(fields)
        }
    }
}

/// Cuts a text into the JSON values of its top level, or of a top-level array, by brackets outside strings.
private struct JSONDocuments {
    private let text: ArraySlice<UInt8>
    private var offset: Int
    /// The values are elements of an array.
    let isArray: Bool
    let beginsAsJSON: Bool

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        let first = text.firstIndex { $0 > 0x20 }
        isArray = first.map { text[$0] == UInt8(ascii: "[") } ?? false
        beginsAsJSON = isArray || first.map { text[$0] == UInt8(ascii: "{") } ?? false
        offset = (first ?? text.startIndex) + (isArray ? 1 : 0)
    }

    /// The next value; an unfinished one at the end is given as far as it goes.
    mutating func next() -> ArraySlice<UInt8>? {
        while offset < text.endIndex,
            text[offset] <= 0x20 || text[offset] == UInt8(ascii: ",") || isBorder(text[offset])
        {
            offset += 1
        }
        guard offset < text.endIndex else { return nil }
        let start = offset
        var depth = 0
        var isInString = false
        while offset < text.endIndex {
            let byte = text[offset]
            offset += 1
            if isInString {
                if byte == UInt8(ascii: "\\") { offset = min(offset + 1, text.endIndex) }
                if byte == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case 0x0a where depth <= 0: return text[start..<offset - 1]
            default: break
            }
            if depth <= 0, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { break }
        }
        return text[start..<offset]
    }

    /// Brackets around the elements: also where several arrays follow one another.
    private func isBorder(_ byte: UInt8) -> Bool {
        isArray && (byte == UInt8(ascii: "]") || byte == UInt8(ascii: "["))
    }
}
