import Storage

/// Whether the first record names the columns.
///
/// Glue's rule needs a column that is not text below a heading that is; tables of text alone never get a header. Here
/// such a table still gets one when something tells its first record from the others, and the report says what.
struct CSVHeader {
    var isHeader: Bool
    /// Values below say so, or the user: not only the shape of the first record.
    var isCertain: Bool
    var reason: String

    static func detect(_ reading: CSVReading, _ settings: CSVClassifierSettings?) -> CSVHeader {
        switch settings?.header {
        case .present: return CSVHeader(isHeader: true, isCertain: true, reason: "header: set by the classifier")
        case .absent: return CSVHeader(isHeader: false, isCertain: true, reason: "no header: set by the classifier")
        case .unknown, nil: break
        }
        guard let first = reading.records.first, first.count == reading.width else {
            return no("the first record has another number of fields than the others")
        }
        let names = first.map { $0.string.trimmingBlanks }
        let kinds = first.map { TextTypeInference.type($0.text[...]) }
        for (index, name) in names.enumerated() where index < names.count - 1 || names.count == 1 {
            if name.isEmpty { return no("field \(index + 1) of the first record is empty") }
            if name.count >= 150 { return no("field \(index + 1) of the first record is too long for a name") }
        }
        let body = reading.records.dropFirst().filter { $0.count == reading.width }
        if body.isEmpty {
            let isHeader =
                kinds.allSatisfy { $0 == .string || $0 == .null }
                && names.allSatisfy { looksLikeName($0) || $0.isEmpty }
            return CSVHeader(
                isHeader: isHeader, isCertain: false,
                reason: isHeader ? "header: the only record is all text" : "no header: the only record holds values")
        }
        if let typed = typedBelow(names, kinds, body) { return typed }
        return ofText(names, body)
    }

    private static func no(_ reason: String, isCertain: Bool = true) -> CSVHeader {
        CSVHeader(isHeader: false, isCertain: isCertain, reason: "no header: " + reason)
    }

    /// The verdict of columns whose values are not text; nil when there are none.
    private static func typedBelow(
        _ names: [String], _ kinds: [InferredType], _ body: [[CSVReading.Field]]
    ) -> CSVHeader? {
        var below: [InferredType] = names.map { _ in .null }
        var hasTypedValue = false
        for record in body {
            for (column, field) in record.enumerated() where below[column] != .string {
                let type = TextTypeInference.type(field.text[...])
                if type != .string, type != .null { hasTypedValue = true }
                below[column] = below[column].merged(with: type)
            }
        }
        let values = kinds.indices.filter { kinds[$0] != .string && kinds[$0] != .null }
        if let value = values.first {
            if areYears(values.map { names[$0] }), values.count < names.count,
                !values.contains(where: { column in areYears(body.map { $0[column].string.trimmingBlanks }) }),
                names.indices.allSatisfy({ values.contains($0) || looksLikeName(names[$0]) })
            {
                return CSVHeader(
                    isHeader: true, isCertain: true, reason: "header: \(names[value]) and so on are years above values")
            }
            // Years or numbers as names: only when every other column that has a type has a name above it.
            let isNumbers = values.allSatisfy { kinds[$0] == .bigint && below[$0] != .string }
            let named = kinds.indices.filter { kinds[$0] == .string && below[$0] != .string && below[$0] != .null }
            guard isNumbers, !named.isEmpty, Set(names).count == names.count else {
                return no("'\(names[value])' in the first record is a value, not a name")
            }
            return CSVHeader(
                isHeader: true, isCertain: true,
                reason:
                    "header: '\(names[named[0]])' stands above values of the type \(below[named[0]].dataType.hiveName)")
        }
        guard hasTypedValue else { return nil }
        return CSVHeader(isHeader: true, isCertain: true, reason: "header: the first record is text above typed values")
    }

    /// At least two years in even steps.
    private static func areYears(_ texts: [String]) -> Bool {
        let years = texts.compactMap { Int($0) }.filter { (1800...2200).contains($0) }
        guard texts.count > 1, years.count == texts.count, years[0] != years[1] else { return false }
        return zip(years, years.dropFirst()).allSatisfy { $1 - $0 == years[1] - years[0] }
    }

    // MARK: - Text alone

    private static func ofText(_ names: [String], _ body: [[CSVReading.Field]]) -> CSVHeader {
        guard Set(names.map { $0.lowercased() }).count == names.count, names.allSatisfy(looksLikeName) else {
            return no("all columns are text and the first record does not look like names", isCertain: false)
        }
        let values = names.indices.map { column in body.map { $0[column].string.trimmingBlanks } }
        for (column, name) in names.enumerated() where values[column].contains(name) {
            return no("'\(name)' of the first record occurs as a value too", isCertain: false)
        }
        guard let evidence = evidence(names, values) else {
            return no("all columns are text and nothing tells the first record from the others", isCertain: false)
        }
        return CSVHeader(isHeader: true, isCertain: false, reason: "header: " + evidence)
    }

    private static func evidence(_ names: [String], _ values: [[String]]) -> String? {
        for (column, name) in names.enumerated() {
            let filled = values[column].filter { !$0.isEmpty }
            if filled.count > 0, filled.count(where: { !looksLikeName($0) }) * 2 > filled.count {
                return "'\(name)' looks like a name and the values below it do not"
            }
            if filled.count >= 10, Set(filled).count * 3 <= filled.count {
                return "'\(name)' occurs once, the values below it repeat"
            }
        }
        let count = values.first?.count ?? 0
        for (style, holds) in [("lower case", isLowerIdentifier), ("upper case", isUpperIdentifier)] {
            guard names.allSatisfy(holds) else { continue }
            let alike = (0..<count).count { row in names.indices.allSatisfy { holds(values[$0][row]) } }
            if alike * 2 < count { return "the first record alone is in \(style)" }
        }
        let usual = names.filter { words($0).contains(where: usualWords.contains) }
        if usual.count * 2 >= names.count { return "'\(usual[0])' is a usual column name" }
        return nil
    }

    private static func looksLikeName(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first == "_" else { return false }
        return text.count <= 64 && text.allSatisfy { $0.isLetter || $0.isNumber || "_ -./()%#".contains($0) }
    }

    private static func isLowerIdentifier(_ text: String) -> Bool { isIdentifier(text) && text == text.lowercased() }
    private static func isUpperIdentifier(_ text: String) -> Bool { isIdentifier(text) && text == text.uppercased() }
    private static func isIdentifier(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }

    /// `firstName`, `first_name` and `First Name` are the words first and name.
    private static func words(_ text: String) -> [String] {
        var words: [String] = [""]
        var wasLower = false
        for character in text {
            if !character.isLetter {
                words.append("")
            } else {
                if character.isUppercase, wasLower { words.append("") }
                words[words.count - 1].append(contentsOf: character.lowercased())
            }
            wasLower = character.isLowercase
        }
        return words.filter { !$0.isEmpty }
    }

    private static let usualWords: Set<String> = [
        "id", "uuid", "key", "code", "name", "title", "label", "type", "kind", "category", "class", "group", "status",
        "state", "date", "time", "timestamp", "day", "month", "year", "value", "text", "description", "comment", "note",
        "email", "phone", "address", "street", "city", "country", "region", "zip", "currency", "language", "url",
        "path", "file", "user", "customer", "product", "item", "order", "column", "field", "source", "target",
    ]
}

extension String {
    var trimmingBlanks: String {
        var slice = self[...]
        while let first = slice.first, first.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}
