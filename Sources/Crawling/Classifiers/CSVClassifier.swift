import Metastore
import SQLTypes
import Storage

/// Delimited text: its dialect, header and column types from a sample.
struct CSVClassifier: Classifier {
    let settings: CSVClassifierSettings?
    /// Types as Glue infers them: bigint, double, string.
    let usesGlueTypes: Bool

    var name: String { settings?.name ?? "csv" }

    func classify(_ sample: FileSample) throws -> FileFinding? {
        guard let text = SampleText(sample), !text.bytes.isEmpty, settings != nil || !Self.isOtherText(text.bytes)
        else {
            return nil
        }
        let sampler = TextSampler(bytes: text.bytes, file: sample.entry, isWhole: sample.isWhole)
        let search = CSVDialect(settings: settings, maxRecords: sample.maxRecords)
        guard let reading = search.read(sampler, isNamedSo: Self.isNamedDelimited(sample.entry.path)) else {
            return nil
        }
        let header = CSVHeader.detect(reading, settings)
        if settings == nil, reading.records.count == 1, !header.isHeader, reading.width < 2 { return nil }
        return finding(reading, header, text, sample)
    }

    private func finding(
        _ reading: CSVReading, _ header: CSVHeader, _ text: SampleText, _ sample: FileSample
    ) -> FileFinding {
        let first = reading.records.first ?? []
        let usesQuotes = reading.tally.quotedFieldCount > 0
        var layout = FileFinding.CSVLayout(
            delimiter: reading.dialect.separator, quote: usesQuotes ? reading.dialect.quote : nil,
            usesQuotes: usesQuotes, hasHeader: header.isHeader, isHeaderCertain: header.isCertain,
            hasEmbeddedNewlines: reading.hasEmbeddedNewlines, skippedLineCount: reading.skippedLineCount,
            firstRecord: first.map(\.string),
            firstTypes: first.map { type($0.text[...]) }, bodyTypes: [], names: settings?.columns ?? [])
        layout.encoding = text.encoding
        layout.types = settings?.types ?? []
        switch settings?.serde {
        case .openCSV: layout.serde = StoredFormat.csv.serde
        case .lazySimple: layout.serde = StoredFormat.text.serde
        case nil, .some(.none): break
        }
        if reading.dialect.escape != nil {
            layout.escape = reading.dialect.escape
        } else if usesQuotes, reading.records.contains(where: { $0.contains { $0.text.contains(0x5c) } }) {
            layout.keepsBackslashes = true
        }
        var evidence = (0..<reading.width).map { _ in ColumnEvidence() }
        for (record, line) in zip(reading.records, reading.lineNumbers).dropFirst() {
            for (column, field) in record.prefix(reading.width).enumerated() {
                evidence[column].add(
                    field.text[...], type(field.text[...], isQuoted: field.wasQuoted), line: line)
            }
        }
        layout.bodyTypes = evidence.map(\.type)
        let endsInDelimiter = Self.endsInDelimiter(reading)
        if endsInDelimiter { layout.bodyTypes.removeLast() }
        let columns = layout.columns
        let isComplete = sample.isWhole && reading.records.count <= sample.maxRecords
        let recordBytes = max(reading.records.isEmpty ? 1 : bytesRead(reading, text.bytes) / reading.records.count, 1)
        let count = reading.records.count - (header.isHeader ? 1 : 0)
        var reasons = [dialectReason(reading), header.reason]
        if layout.skippedLineCount > 0 {
            reasons.append("\(Counted.text(layout.skippedLineCount, "line")) before the first record skipped")
        }
        if let encoding = text.encoding, encoding != "utf-8" { reasons.append("the text is encoded as \(encoding)") }
        if endsInDelimiter { reasons.append("the delimiter at the end of every line begins no column") }
        if layout.types.isEmpty { reasons += zip(columns, evidence).compactMap { $1.reason($0.name) } }
        return FileFinding(
            classification: "csv", compression: sample.compression, columns: columns, csv: layout,
            recordCount: isComplete
                ? count : max(sample.estimatedByteCount / recordBytes - (header.isHeader ? 1 : 0), count),
            recordByteCount: recordBytes, sampledByteCount: sample.rawByteCount, reasons: reasons)
    }

    private func type(_ bytes: ArraySlice<UInt8>, isQuoted: Bool = false) -> InferredType {
        // Hive's mark of NULL.
        if !isQuoted, bytes.elementsEqual("\\N".utf8) { return .null }
        let type = TextTypeInference.type(bytes)
        guard usesGlueTypes else { return type }
        switch type {
        case .boolean, .date, .timestamp: return .string
        case .huge: return .double
        default: return type
        }
    }

    /// Every line ends in a delimiter, the header too: what stands behind it is no column.
    private static func endsInDelimiter(_ reading: CSVReading) -> Bool {
        reading.width > 2 && reading.records.count > 1
            && reading.records.allSatisfy { record in
                record.count < reading.width || record.last.map { $0.text.isEmpty && !$0.wasQuoted } ?? false
            }
    }

    /// Bytes that the sampled records take, estimated where the sample holds more records.
    private func bytesRead(_ reading: CSVReading, _ text: [UInt8]) -> Int {
        guard reading.tally.recordCount > reading.records.count || reading.records.count > 1000 else {
            return text.count
        }
        return reading.records.reduce(0) { $0 + $1.reduce(0) { $0 + $1.text.count + ($1.wasQuoted ? 3 : 1) } }
    }

    private func dialectReason(_ reading: CSVReading) -> String {
        var reason = reading.width == 1 ? "one column" : "delimiter \(Self.display(reading.dialect.separator))"
        if reading.tally.quotedFieldCount > 0, let quote = reading.dialect.quote {
            reason += ", quote \(Self.display(quote))"
        }
        if reading.dialect.escape != nil { reason += ", escape '\\'" }
        reason += ": \(reading.matchingCount) of \(Counted.text(reading.records.count, "sampled record")) "
        reason += "\(reading.matchingCount == 1 && reading.records.count == 1 ? "has" : "have") "
        reason += Counted.text(reading.width, "field")
        if let ragged = reading.firstRaggedLine { reason += " (line \(ragged.line) has \(ragged.count))" }
        return reason
    }

    static func display(_ byte: UInt8) -> String {
        switch byte {
        case 0x09: "tab"
        case 0x01: "\\001"
        case 0x27: "\"'\""
        default: "'\(Character(Unicode.Scalar(byte)))'"
        }
    }

    /// By the extension, that of a compression left off.
    static func isNamedDelimited(_ path: String) -> Bool {
        var name = LakeFolder.lastPart(path).lowercased()[...]
        if FileCodec(extensionOf: String(name)) != nil, let dot = name.lastIndex(of: ".") { name = name[..<dot] }
        return ["csv", "tsv", "tab", "psv", "dsv", "tbl"].contains { name.hasSuffix("." + $0) }
    }

    /// JSON and markup, which the other classifiers did not take because they are damaged.
    private static func isOtherText(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first(where: { $0 > 0x20 }) else { return true }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "<")
    }
}

/// What was seen of one column of a text.
struct ColumnEvidence {
    private(set) var type = InferredType.null
    /// What the values that are not text have in common.
    private var typed = InferredType.null
    private var typedCount = 0
    private var textCount = 0
    private var firstText: (text: String, line: Int)?

    private static let maxShownCount = 24

    mutating func add(_ bytes: ArraySlice<UInt8>, _ found: InferredType, line: Int) {
        type = type.merged(with: found)
        switch found {
        case .null: break
        case .string:
            textCount += 1
            if firstText == nil { firstText = (String(decoding: bytes, as: UTF8.self), line) }
        default:
            typedCount += 1
            typed = typed.merged(with: found)
        }
    }

    /// Why the column is text although most of its values are not; nil when nothing is odd.
    func reason(_ column: String) -> String? {
        guard type == .string, typedCount > textCount else { return nil }
        let total = typedCount + textCount
        guard typed != .string, let firstText else {
            return "column \(column) is string: its values are of several types"
        }
        var text = firstText.text
        if text.count > Self.maxShownCount { text = text.prefix(Self.maxShownCount) + "..." }
        return "column \(column) is string: \(typedCount) of \(total) values are \(typed.dataType.hiveName), but "
            + "'\(text)' in line \(firstText.line) is not"
    }
}
