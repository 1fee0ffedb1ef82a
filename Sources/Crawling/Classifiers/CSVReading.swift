import Storage

/// The beginning of a delimited text as one dialect reads it.
///
/// ```
/// # exported 2024-05-01            skipped: a comment
/// Sales of all shops               skipped: fewer fields than the others have
/// shop,day,amount                  records[0], line 3
/// 1,2024-04-01,3.50                records[1], line 4
/// ```
struct CSVReading {
    typealias Field = TextSampler.Field

    let dialect: TextSampler.Dialect
    let tally: TextSampler.Tally
    /// Without the lines skipped before the first, and without blank ones.
    private(set) var records: [[Field]]
    /// Where each record begins, from 1.
    private(set) var lineNumbers: [Int]
    /// Lines before the first record that are no records.
    private(set) var skippedLineCount = 0
    /// Of these, the ones that are not comments.
    private(set) var skippedTextCount = 0
    private(set) var hasEmbeddedNewlines = false
    /// The most frequent number of fields; the wider of two equally frequent ones.
    let width: Int

    private static let maxCommentLines = 100
    private static let maxTextLines = 10

    init(_ sampler: TextSampler, _ dialect: TextSampler.Dialect, limit: Int) {
        self.dialect = dialect
        tally = sampler.tally(dialect, limit: limit)
        var records: [[Field]] = []
        var numbers: [Int] = []
        var number = 1
        var widths: [Int: Int] = [:]
        for record in sampler.records(dialect, limit: limit) {
            var lineCount = 1
            for field in record where field.wasQuoted {
                let breaks = field.text.count { $0 == 0x0a }
                if breaks > 0 { hasEmbeddedNewlines = true }
                lineCount += breaks
            }
            if record.count > 1 || record[0].wasQuoted || !record[0].text.isEmpty {
                records.append(record)
                numbers.append(number)
                widths[record.count, default: 0] += 1
            }
            number += lineCount
        }
        width = widths.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
        self.records = records
        lineNumbers = numbers
        skipPreamble()
    }

    private mutating func skipPreamble() {
        var skipped = 0
        while skipped < min(records.count - 1, Self.maxCommentLines), Self.isComment(records[skipped]) { skipped += 1 }
        // `#id,name` above the data is a header.
        if skipped > 0, records[skipped - 1].count == width, width > 1 {
            skipped -= 1
            if records[skipped][0].text.first == 0x23 { records[skipped][0].text.removeFirst() }
        }
        let comments = skipped
        if width > 1 {
            while skipped < min(records.count / 2, comments + Self.maxTextLines), records[skipped].count < width {
                skipped += 1
            }
        }
        skippedTextCount = skipped - comments
        if skipped > 0 {
            records.removeFirst(skipped)
            lineNumbers.removeFirst(skipped)
        }
        skippedLineCount = (lineNumbers.first ?? 1) - 1
    }

    private static func isComment(_ record: [Field]) -> Bool { !record[0].wasQuoted && record[0].text.first == 0x23 }

    /// How many records have the usual number of fields.
    var matchingCount: Int { records.count { $0.count == width } }

    /// How well the dialect fits: the share of records with the usual number of fields, less what speaks against it.
    var score: Double {
        guard !records.isEmpty else { return 0 }
        var score = Double(matchingCount) / Double(records.count) + Double(min(width, 100)) / 1000
        if skippedTextCount > 0 { score -= 0.1 }
        if tally.endsInQuotes { score -= 0.5 }
        if tally.quotedFieldCount > 0 { score -= Double(tally.brokenQuoteCount) / Double(tally.quotedFieldCount) }
        return score
    }

    /// The first record with another number of fields.
    var firstRaggedLine: (line: Int, count: Int)? {
        records.indices.first { records[$0].count != width }.map { (lineNumbers[$0], records[$0].count) }
    }
}
