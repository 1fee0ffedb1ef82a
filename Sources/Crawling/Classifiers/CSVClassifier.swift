import SQLTypes

/// Delimited text: finds delimiter, quotes, header and column types from a sample, by trying each delimiter and
/// keeping the one under which the records agree best.
struct CSVClassifier: Classifier {
    let settings: CSVClassifierSettings?
    /// Types as Glue infers them: bigint, double, string.
    let usesGlueTypes: Bool

    var name: String { settings?.name ?? "csv" }

    /// Tried in this order; earlier wins a tie.
    static let delimiters: [UInt8] = [0x2c, 0x7c, 0x09, 0x3b, 0x01]

    func classify(_ sample: FileSample) throws -> FileFinding? {
        let text = sample.text
        guard !text.isEmpty, Self.isText(text) else { return nil }
        var best: (parsed: CSVSample, delimiter: UInt8, score: Double)?
        for delimiter in settings?.delimiter.map({ [$0] }) ?? Self.delimiters {
            let parsed = CSVSample(
                text, delimiter: delimiter, quote: settings?.quote ?? 0x22, limit: sample.maxRecords + 1)
            guard let score = score(parsed) else { continue }
            if score > (best?.score ?? 0) { best = (parsed, delimiter, score) }
        }
        guard let best else { return nil }
        return finding(best.parsed, best.delimiter, sample)
    }

    /// Share of records with the usual number of fields; nil when the delimiter does not fit.
    private func score(_ parsed: CSVSample) -> Double? {
        let width = parsed.usualWidth
        let minimumWidth = settings?.allowsSingleColumn == true ? 1 : 2
        guard width >= minimumWidth, parsed.records.count >= (settings == nil ? 2 : 1) else { return nil }
        let matching = parsed.records.filter { $0.count == width }.count
        let share = Double(matching) / Double(parsed.records.count)
        guard share >= 0.8 else { return nil }
        return share + Double(min(width, 100)) / 1000
    }

    private func finding(_ parsed: CSVSample, _ delimiter: UInt8, _ sample: FileSample) -> FileFinding {
        let width = parsed.usualWidth
        let header = CSVHeader.detect(parsed, width: width, settings: settings)
        let records = header.isHeader ? parsed.records.dropFirst() : parsed.records[...]
        var types = [InferredType](repeating: .null, count: width)
        for record in records {
            for (index, field) in record.prefix(width).enumerated() {
                var type = TextTypeInference.type(field.bytes)
                if usesGlueTypes {
                    switch type {
                    case .boolean, .date, .timestamp: type = .string
                    default: break
                    }
                }
                types[index] = types[index].merged(with: type)
            }
        }
        let given = settings?.columns ?? []
        let names = (0..<width).map { index -> String in
            if index < given.count { return given[index] }
            if header.isHeader, index < parsed.records[0].count {
                let text = String(decoding: parsed.records[0][index].bytes, as: UTF8.self)
                let trimmed = text.trimmingBlanks
                if !trimmed.isEmpty { return trimmed }
            }
            return "col\(index)"
        }
        let recordBytes = max(parsed.byteCount / max(parsed.records.count, 1), 1)
        let isComplete = sample.isWhole && parsed.isComplete
        var reasons = header.reasons
        reasons.insert(
            "delimiter \(Self.display(delimiter)): \(parsed.records.filter { $0.count == width }.count) of "
                + "\(parsed.records.count) sampled records have \(width) fields", at: 0)
        return FileFinding(
            classification: "csv", compression: sample.compression,
            columns: zip(names, types).map { InferredType.Field(name: $0, type: $1) },
            csv: FileFinding.CSVLayout(
                delimiter: delimiter, quote: parsed.quotedFieldCount > 0 ? settings?.quote ?? 0x22 : nil,
                usesQuotes: parsed.quotedFieldCount > 0, hasHeader: header.isHeader,
                hasEmbeddedNewlines: parsed.hasEmbeddedNewlines,
                firstRecord: (parsed.records.first ?? []).map { String(decoding: $0.bytes, as: UTF8.self) }),
            recordCount: isComplete
                ? records.count : max(sample.estimatedByteCount / recordBytes - (header.isHeader ? 1 : 0), 0),
            recordByteCount: recordBytes, sampledByteCount: sample.rawByteCount, reasons: reasons)
    }

    static func display(_ delimiter: UInt8) -> String {
        switch delimiter {
        case 0x09: "tab"
        case 0x01: "\\001"
        default: "'\(Character(Unicode.Scalar(delimiter)))'"
        }
    }

    /// No NUL and few control bytes.
    private static func isText(_ text: ArraySlice<UInt8>) -> Bool {
        var controls = 0
        for byte in text.prefix(4096) {
            if byte == 0 { return false }
            if byte < 0x20, byte != 0x09, byte != 0x0a, byte != 0x0d, byte != 0x01 { controls += 1 }
        }
        return controls * 20 <= min(text.count, 4096)
    }
}

extension String {
    var trimmingBlanks: String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}
