import SQLTypes
import Storage
import StorageTestSupport

/// What was read of a text file, so that two ways of reading can be compared.
enum TextReading: Equatable {
    case rows([String])
    case refused(String)

    init(_ table: TextTable, _ bytes: [UInt8], wanted: [String]? = nil) throws {
        do {
            self = .rows(try table.rows(bytes, wanted: wanted).map { $0.map(Self.shown).joined(separator: "|") })
        } catch let error as QueryError {
            if error.code == .genericInternalError { throw FuzzFailure("an internal error: \(error.text)") }
            self = .refused(error.text)
        }
    }

    /// Values exactly: floats by their bits.
    private static func shown(_ value: Value) -> String {
        switch value {
        case .real(let number): "f\(number.bitPattern)"
        case .double(let number): "d\(number.bitPattern)"
        case .array(let values), .row(let values): "(" + values.map(shown).joined(separator: ",") + ")"
        case .map(let keys, let values):
            "{" + zip(keys, values).map { shown($0) + "=" + shown($1) }.joined(separator: ",") + "}"
        case .bytes(let bytes): "x\(bytes)"
        default: TextTable.show(value)
        }
    }

    var rowCount: Int? { if case .rows(let rows) = self { rows.count } else { nil } }

    var isRefused: Bool { rowCount == nil }

    /// Both are refused, for whatever reason, or both have the same rows.
    func mustEqual(_ other: TextReading, _ what: String) throws {
        switch (self, other) {
        case (.rows(let own), .rows(let others)):
            if own == others { return }
            let row = zip(own, others).enumerated().first { $1.0 != $1.1 }?.offset ?? min(own.count, others.count)
            throw FuzzFailure(
                "\(what): \(own.count) and \(others.count) rows, first different at \(row): "
                    + "\(row < own.count ? own[row] : "-") and \(row < others.count ? others[row] : "-")")
        case (.refused, .refused): return
        case (.rows, .refused(let text)):
            throw FuzzFailure("\(what): read in one way and refused in the other: \(text)")
        case (.refused(let text), .rows):
            throw FuzzFailure("\(what): refused in one way and read in the other: \(text)")
        }
    }
}
