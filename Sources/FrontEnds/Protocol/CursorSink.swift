import Columnar
import Engine
import Glibc
import SQLTypes

/// Keeps the rows of an open cursor, encoded: in memory, then in a file without a name.
final class CursorSink: StatementSink {
    private let options: ValueOptions
    /// 0 is no limit.
    private let maxRows: Int
    private(set) var isTruncated = false
    private(set) var columns: [ResultColumn] = []
    private var encoder: RowEncoder?
    private var bytes: [UInt8] = []
    /// End of each row, counted from the first row's start.
    private var ends: [Int] = []
    private var fileByteCount = 0
    private var file: Int32 = -1
    private(set) var offset = 0
    private let spillFolder: String
    private static let memoryLimit = 64 << 20

    init(options: ValueOptions, maxRows: Int, spillFolder: String) {
        self.options = options
        self.maxRows = maxRows
        self.spillFolder = spillFolder
    }

    deinit { if file >= 0 { close(file) } }

    var isSatisfied: Bool { isTruncated }

    func begin(_ columns: [ResultColumn]) throws {
        self.columns = columns
        encoder = RowEncoder(columns: columns, options: options)
    }

    func write(_ batch: Batch) throws {
        guard let encoder else { return }
        let cells = encoder.cells(batch)
        for row in 0..<batch.rowCount {
            if maxRows > 0, ends.count == maxRows {
                isTruncated = true
                return
            }
            encoder.append(row, cells, to: &bytes)
            ends.append(fileByteCount + bytes.count)
            if bytes.count >= Self.memoryLimit { try spill() }
        }
    }

    private func spill() throws {
        if file < 0 {
            mkdir(spillFolder, 0o755)
            var name = Array((spillFolder + "/cursor-XXXXXX").utf8CString)
            file = mkstemp(&name)
            guard file >= 0 else {
                throw QueryError(.outOfSpillSpace, "A cursor's rows cannot be kept in \(spillFolder)")
            }
            unlink(name)
        }
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { raw in
                raw.baseAddress.map { pwrite(file, $0 + done, raw.count - done, off_t(fileByteCount + done)) } ?? 0
            }
            guard written > 0 else {
                throw QueryError(.outOfSpillSpace, "A cursor's rows cannot be kept: the disk is full")
            }
            done += written
        }
        fileByteCount += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    var isDone: Bool { offset >= ends.count }

    /// The next rows as the inside of a JSON array.
    func next(_ count: Int) throws -> [UInt8] {
        var out: [UInt8] = []
        let last = min(offset + max(count, 0), ends.count)
        while offset < last {
            if !out.isEmpty { out.append(UInt8(ascii: ",")) }
            let start = offset == 0 ? 0 : ends[offset - 1]
            let end = ends[offset]
            if start >= fileByteCount {
                out.append(contentsOf: bytes[(start - fileByteCount)..<(end - fileByteCount)])
            } else {
                var row = [UInt8](repeating: 0, count: end - start)
                let got = pread(file, &row, row.count, off_t(start))
                guard got == row.count else {
                    throw QueryError(.genericInternalError, "A cursor's rows cannot be read back")
                }
                out.append(contentsOf: row)
            }
            offset += 1
        }
        return out
    }
}
