/// The records of a delimited text's beginning, with quotes understood.
struct CSVSample {
    struct Field {
        /// Without quotes, doubled quotes undone.
        var bytes: ArraySlice<UInt8>
        var isQuoted: Bool
    }

    private(set) var records: [[Field]] = []
    private(set) var quotedFieldCount = 0
    private(set) var hasEmbeddedNewlines = false
    /// Bytes that the records took.
    private(set) var byteCount = 0
    /// All of the text was read.
    private(set) var isComplete = false

    /// Reads up to `limit` records; blank lines are skipped.
    init(_ text: ArraySlice<UInt8>, delimiter: UInt8, quote: UInt8, limit: Int) {
        var index = text.startIndex
        let end = text.endIndex
        while index < end, records.count < limit {
            var record: [Field] = []
            var isRecordDone = false
            while !isRecordDone {
                let field: Field
                if index < end, text[index] == quote {
                    let start = index + 1
                    var unescaped: [UInt8] = []
                    var piece = start
                    index = start
                    var isClosed = false
                    while index < end {
                        if text[index] == quote {
                            if index + 1 < end, text[index + 1] == quote {
                                unescaped.append(contentsOf: text[piece...index])
                                index += 2
                                piece = index
                                continue
                            }
                            isClosed = true
                            break
                        }
                        if text[index] == 0x0a { hasEmbeddedNewlines = true }
                        if text[index] == 0x5c, index + 1 < end { index += 1 }
                        index += 1
                    }
                    let tail = text[piece..<min(index, end)]
                    field = Field(bytes: unescaped.isEmpty ? tail : (unescaped + tail)[...], isQuoted: isClosed)
                    if isClosed {
                        quotedFieldCount += 1
                        index += 1
                    }
                    while index < end, text[index] != delimiter, text[index] != 0x0a { index += 1 }
                } else {
                    let start = index
                    while index < end, text[index] != delimiter, text[index] != 0x0a { index += 1 }
                    var stop = index
                    if index == end || text[index] == 0x0a, stop > start, text[stop - 1] == 0x0d { stop -= 1 }
                    field = Field(bytes: text[start..<stop], isQuoted: false)
                }
                record.append(field)
                if index >= end {
                    isRecordDone = true
                } else {
                    isRecordDone = text[index] == 0x0a
                    index += 1
                }
            }
            if record.count > 1 || !(record[0].bytes.isEmpty) { records.append(record) }
        }
        byteCount = index - text.startIndex
        isComplete = index >= end
    }

    /// The most frequent number of fields; the wider of two equally frequent ones.
    var usualWidth: Int {
        var counts: [Int: Int] = [:]
        for record in records { counts[record.count, default: 0] += 1 }
        return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
    }
}
