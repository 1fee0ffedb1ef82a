/// Whether the first record names the columns.
///
/// Glue's rule needs a column that is not text below a heading that is; tables of text alone never get a header. Here
/// such a table still gets one when its first record looks like names and nothing below it does.
struct CSVHeader {
    var isHeader: Bool
    var reasons: [String]

    static func detect(_ sample: CSVSample, width: Int, settings: CSVClassifierSettings?) -> CSVHeader {
        switch settings?.header {
        case .present: return CSVHeader(isHeader: true, reasons: ["header set by the classifier"])
        case .absent: return CSVHeader(isHeader: false, reasons: ["no header: set by the classifier"])
        case .unknown, nil: break
        }
        guard let first = sample.records.first, sample.records.count > 1, first.count == width else {
            return CSVHeader(isHeader: false, reasons: ["no header: too few records"])
        }
        let names = first.map { String(decoding: $0.bytes, as: UTF8.self).trimmingBlanks }
        for (index, name) in names.enumerated() {
            let isLast = index == width - 1
            if name.isEmpty, !isLast { return no("field \(index + 1) of the first record is empty") }
            if name.count >= 150, !isLast { return no("field \(index + 1) of the first record is too long for a name") }
            switch TextTypeInference.type(first[index].bytes) {
            case .string, .null: break
            default: return no("'\(name)' in the first record is a value, not a name")
            }
        }
        let body = sample.records.dropFirst().filter { $0.count == width }
        let hasTypedColumn = (0..<width).contains { column in
            body.contains { record in
                switch TextTypeInference.type(record[column].bytes) {
                case .string, .null: false
                default: true
                }
            }
        }
        if hasTypedColumn {
            return CSVHeader(isHeader: true, reasons: ["header: the first record is text above typed values"])
        }
        // Text only: names are distinct, shaped like identifiers, and do not occur as values.
        guard Set(names.map { $0.lowercased() }).count == names.count, names.allSatisfy(looksLikeName) else {
            return no("all columns are text and the first record does not look like names")
        }
        for (column, name) in names.enumerated()
        where body.contains(where: { String(decoding: $0[column].bytes, as: UTF8.self) == name }) {
            return no("'\(name)' of the first record occurs as a value too")
        }
        let headerWidth = Double(names.reduce(0) { $0 + $1.utf8.count })
        let widths = body.prefix(50).map { Double($0.reduce(0) { $0 + $1.bytes.count }) }
        let looksAlike = widths.contains { abs($0 - headerWidth) < 1 }
        let someValuesAreNoNames = body.contains { record in
            record.contains { !looksLikeName(String(decoding: $0.bytes, as: UTF8.self)) }
        }
        if someValuesAreNoNames || !looksAlike {
            return CSVHeader(isHeader: true, reasons: ["header: the first record alone looks like names"])
        }
        return no("all columns are text and the first record is like the others")
    }

    private static func no(_ reason: String) -> CSVHeader {
        CSVHeader(isHeader: false, reasons: ["no header: " + reason])
    }

    private static func looksLikeName(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "_" else { return false }
        return text.count <= 64 && text.allSatisfy { $0.isLetter || $0.isNumber || "_ -./()%#".contains($0) }
    }
}
