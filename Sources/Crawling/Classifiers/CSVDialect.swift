import SQLTypes
import Storage

/// Finds delimiter, quote and escape of a text: each combination that the text gives reason for is tried, and the one
/// under which the records agree best is kept.
struct CSVDialect {
    let settings: CSVClassifierSettings?
    let maxRecords: Int

    /// Tried in this order; earlier wins a tie.
    static let delimiters: [UInt8] = [0x2c, 0x7c, 0x09, 0x3b, 0x01]
    /// Records that must have the usual number of fields.
    private static let minimumShare = 0.8
    private static let backslash = UInt8(ascii: "\\")

    /// nil when the text is not of delimited fields.
    /// - Parameter isNamedSo: the file's name says that it is delimited text, so that one column, or one record, will do.
    func read(_ sampler: TextSampler, isNamedSo: Bool) -> CSVReading? {
        var best: CSVReading?
        for delimiter in settings?.delimiter.map({ [$0] }) ?? Self.delimiters {
            guard settings?.delimiter != nil || sampler.bytes.contains(delimiter) else { continue }
            for dialect in dialects(delimiter, sampler) {
                let reading = CSVReading(sampler, dialect, limit: maxRecords + 1)
                guard fits(reading, isNamedSo: isNamedSo) else { continue }
                if reading.score > (best?.score ?? 0) + 1e-9 { best = reading }
            }
        }
        if best == nil, settings?.allowsSingleColumn ?? isNamedSo { best = singleColumn(sampler) }
        return best
    }

    private func fits(_ reading: CSVReading, isNamedSo: Bool) -> Bool {
        guard reading.width >= (settings?.allowsSingleColumn == true ? 1 : 2) else { return false }
        guard reading.records.count >= (settings != nil || isNamedSo ? 1 : 2) else { return false }
        return Double(reading.matchingCount) >= Double(reading.records.count) * Self.minimumShare
    }

    /// The quotes and escapes that the text gives reason to try with a delimiter.
    private func dialects(_ delimiter: UInt8, _ sampler: TextSampler) -> [TextSampler.Dialect] {
        let bytes = sampler.bytes
        func has(_ first: UInt8, _ second: UInt8) -> Bool {
            var before: UInt8 = 0
            for byte in bytes {
                if before == first, byte == second { return true }
                before = byte
            }
            return false
        }
        var dialects: [TextSampler.Dialect] = []
        func add(_ quote: UInt8?) {
            dialects.append(TextSampler.Dialect(separator: delimiter, quote: quote))
            if has(Self.backslash, quote ?? delimiter) {
                dialects.append(TextSampler.Dialect(separator: delimiter, quote: quote, escape: Self.backslash))
            }
        }
        if let quote = settings?.quote {
            add(quote)
            return dialects
        }
        let hasDouble = bytes.contains(0x22)
        if hasDouble { add(0x22) }
        add(nil)
        // Apostrophes are common in text: as quotes they must be at most fields.
        if !hasDouble, bytes.first == 0x27 || has(delimiter, 0x27) {
            let tally = sampler.tally(TextSampler.Dialect(separator: delimiter, quote: 0x27), limit: 100)
            if tally.quotedFieldCount * 2 >= tally.recordCount, tally.brokenQuoteCount == 0, !tally.endsInQuotes {
                dialects.insert(TextSampler.Dialect(separator: delimiter, quote: 0x27), at: 0)
            }
        }
        return dialects
    }

    /// Every line one field. The delimiter is one that does not occur, so that no field is cut.
    private func singleColumn(_ sampler: TextSampler) -> CSVReading? {
        let candidates = settings?.delimiter.map { [$0] } ?? Self.delimiters.filter { !sampler.bytes.contains($0) }
        guard let delimiter = candidates.first else { return nil }
        let quote: UInt8? = sampler.bytes.first == 0x22 ? 0x22 : nil
        let reading = CSVReading(
            sampler, TextSampler.Dialect(separator: delimiter, quote: quote), limit: maxRecords + 1)
        return reading.width == 1 ? reading : nil
    }
}
