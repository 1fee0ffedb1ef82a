import Columnar
import SQLTypes

/// Passes a result on and keeps it as a file in the catalog's `results` folder: `<query id>.csv` for queries, in the
/// bytes of the csv format, `<query id>.txt` (tab-separated, no header) for everything else, and a `.metadata` file
/// beside it. Both appear when the statement has succeeded.
///
/// A result that cannot be kept (a full disk) costs the statement nothing but a warning.
final class KeptResult: StatementSink {
    private let inner: any StatementSink
    private let kind: StatementKind
    private let queryID: String
    private let path: String
    private var columns: [ResultColumn] = []
    private var rowCount = 0
    private var file: ResultFile?
    /// Why nothing is kept.
    private(set) var warning: String?

    init(_ inner: any StatementSink, folder: String, kind: StatementKind, queryID: String) {
        self.inner = inner
        self.kind = kind
        self.queryID = queryID
        path = folder + "/" + queryID + (kind == .dml ? ".csv" : ".txt")
        attempt {
            try CatalogFolders.make(folder)
            file = try ResultFile(path)
        }
    }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        try inner.begin(columns)
        if kind == .dml { attempt { if let file { CSVText(columns).appendHeader(to: &file.buffer) } } }
    }

    func write(_ batch: Batch) throws {
        try inner.write(batch)
        rowCount += batch.rowCount
        attempt {
            guard let file else { return }
            if kind == .dml {
                CSVText(columns).append(batch, to: &file.buffer)
            } else {
                TSVText(columns).append(batch, to: &file.buffer)
            }
            try file.flushIfFull()
        }
    }

    /// Makes the files appear. The place of the result, or nil when it could not be kept.
    func commit() -> String? {
        var location: String?
        attempt {
            guard let file else { return }
            let metadata = try ResultFile(path + ".metadata")
            ResultMetadata(columns: columns, queryID: queryID, kind: kind, rowCount: rowCount).json
                .write(to: &metadata.buffer)
            metadata.buffer.append(0x0a)
            try metadata.commit()
            try file.commit()
            location = path
        }
        return location
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            file = nil
            warning = warning ?? "The result is not kept: \((error as? QueryError)?.message ?? "\(error)")"
        }
    }
}
