import SQLTypes

/// JSON documents one after the other (lines or not), or one array of them.
struct JSONClassifier: Classifier {
    let name = "json"

    func classify(_ sample: FileSample) throws -> FileFinding? {
        let text = sample.text
        guard let first = text.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else {
            return nil
        }
        var documents = JSONDocuments(text: sample.isWhole ? text : sample.head[text.startIndex...])
        var row = InferredType.null
        var count = 0
        var bytes = 0
        while count < sample.maxRecords, let document = documents.next() {
            guard let value = try? JSONValue.parse(bytes: Array(document)) else {
                // The last document of a sample may be cut; anything earlier that is broken is not JSON.
                if count == 0 { return nil }
                break
            }
            let rows: [JSONValue] = if case .array(let items) = value { items } else { [value] }
            for item in rows {
                guard case .object = item else { return nil }
                row = row.merged(with: Self.type(item))
                count += 1
            }
            bytes += document.count + 1
        }
        guard count > 0, case .structure(let fields) = row else { return nil }
        let recordBytes = max(bytes / count, 1)
        return FileFinding(
            classification: name, compression: sample.compression, columns: fields, csv: nil,
            recordCount: sample.isWhole && count < sample.maxRecords ? count : sample.estimatedByteCount / recordBytes,
            recordByteCount: recordBytes, sampledByteCount: sample.rawByteCount,
            reasons: ["\(count) JSON objects parsed"])
    }

    static func type(_ value: JSONValue) -> InferredType {
        switch value {
        case .null: return .null
        case .bool: return .boolean
        case .number(let text):
            if text.contains(where: { ".eE".contains($0) }) { return .double }
            guard let number = Int64(text) else { return .double }
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

/// Cuts a text into top-level JSON values, by brackets outside strings.
private struct JSONDocuments {
    let text: ArraySlice<UInt8>
    private var offset: Int

    init(text: ArraySlice<UInt8>) {
        self.text = text
        offset = text.startIndex
    }

    /// The next value that begins with `{` or `[`; an unfinished one at the end is given as far as it goes.
    mutating func next() -> ArraySlice<UInt8>? {
        while offset < text.endIndex, text[offset] <= 0x20 || text[offset] == UInt8(ascii: ",") { offset += 1 }
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
}
