/// Settles headers by comparing files: what one small file cannot tell, its neighbours can.
///
/// ```
/// jan.csv   city,country   header, sure: values below say so       feb.csv   city,country   one record alone
///                                                                   ==> a header, because jan.csv begins so too
/// ```
struct HeaderReconciler {
    private(set) var findings: [String: FileFinding]

    init(_ findings: [String: FileFinding], _ roots: [LakeFolder]) {
        self.findings = findings
        let csv = findings.filter { $0.value.csv != nil && $0.value.csv?.names.isEmpty == true }
        guard csv.count > 1 else { return }
        shareHeaders(csv)
        for root in roots { dropLoneHeaders(root) }
    }

    /// A first record that is a header in one file is a header in every file that begins with it; so is one that
    /// several different files begin with and that could name columns.
    private mutating func shareHeaders(_ csv: [String: FileFinding]) {
        for (_, paths) in Dictionary(grouping: csv.keys, by: { csv[$0]?.csv?.firstRecord ?? [] }) where paths.count > 1
        {
            let layouts = paths.compactMap { csv[$0]?.csv }
            guard layouts.contains(where: { !$0.hasHeader }), let first = layouts.first else { continue }
            let isKnown = layouts.contains { $0.hasHeader }
            let areText =
                first.firstTypes.allSatisfy { $0 == .string || $0 == .null } && first.firstTypes.contains(.string)
            let areNames = Set(first.firstRecord.map { $0.lowercased() }).count == first.firstRecord.count
            // Copies of one file repeat its first record too.
            let areDifferent =
                Set(paths.compactMap { csv[$0]?.recordCount }).count > 1
                || Set(layouts.map(\.bodyTypes)).count > 1
            guard isKnown || (areText && areNames && areDifferent) else { continue }
            for path in paths where csv[path]?.csv?.hasHeader == false {
                set(path, hasHeader: true, "header: \(Counted.text(paths.count, "file")) begin with this record")
            }
        }
    }

    /// Of the parts of one output (`part-0001.csv`, `part-0002.csv`), headers that were only guessed and that all
    /// differ are records.
    private mutating func dropLoneHeaders(_ folder: LakeFolder) {
        let paths = folder.files.map(\.path).filter { findings[$0]?.csv?.names.isEmpty == true }
        let outputs = Dictionary(grouping: paths) { "\(findings[$0]?.columns.count ?? 0) \(Self.namePattern($0))" }
        for (_, parts) in outputs where parts.count > 1 {
            let layouts = parts.compactMap { findings[$0]?.csv }
            let guessed = parts.filter { findings[$0]?.csv.map { $0.hasHeader && !$0.isHeaderCertain } ?? false }
            guard !guessed.isEmpty, !layouts.contains(where: { $0.hasHeader && $0.isHeaderCertain }),
                Set(guessed.compactMap { findings[$0]?.csv?.firstRecord }).count == guessed.count
            else { continue }
            for path in guessed {
                set(path, hasHeader: false, "no header: the other parts do not begin with this record")
            }
        }
        for child in folder.folders { dropLoneHeaders(child) }
    }

    /// The name without the words that hold digits.
    private static func namePattern(_ path: String) -> String {
        LakeFolder.lastPart(path).split { !$0.isLetter && !$0.isNumber }.filter { !$0.contains(where: \.isNumber) }
            .joined(separator: " ")
    }

    private mutating func set(_ path: String, hasHeader: Bool, _ reason: String) {
        guard var finding = findings[path], var layout = finding.csv else { return }
        layout.hasHeader = hasHeader
        layout.isHeaderCertain = true
        finding.csv = layout
        finding.columns = layout.columns
        finding.recordCount += hasHeader ? -1 : 1
        finding.recordCount = max(finding.recordCount, 0)
        finding.reasons = finding.reasons.map { $0.hasPrefix("header: ") || $0.hasPrefix("no header: ") ? reason : $0 }
        findings[path] = finding
    }
}
