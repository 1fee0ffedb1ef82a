import Columnar
import Glibc
import SQLTypes

/// Kept results by what they depend on: a small file `results/reuse/<hash of the key>` names the result that answers
/// a query with this key. Files appear whole, by a rename, so that several processes may share the folder.
struct ReusableResults {
    /// The catalog's `results`.
    let folder: String

    struct Found {
        var batches: [Batch]
        var location: String
    }

    /// Larger results are made again.
    private static let maxByteCount = 256 << 20

    private func path(_ key: ReuseKey) -> String { folder + "/reuse/" + Self.hash(key.text) + ".json" }

    /// A result for the key whose query began at `notBefore` or later (milliseconds since 1970).
    func find(_ key: ReuseKey, _ columns: [ResultColumn], notBefore: Int64, rowsPerBatch: Int) -> Found? {
        guard let bytes = ResultFile.read(path(key), limit: Self.maxByteCount),
            let entry = try? JSONValue.parse(bytes: bytes), entry["key"]?.stringValue == key.text,
            let started = entry["started_at"]?.intValue, Int64(started) >= notBefore,
            let location = entry["location"]?.stringValue,
            let text = ResultFile.read(location, limit: Self.maxByteCount),
            entry["byte_count"]?.intValue == text.count,
            let batches = KeptRows.batches(text, columns, rowsPerBatch: rowsPerBatch)
        else { return nil }
        return Found(batches: batches, location: location)
    }

    /// Says that the result at `location` answers queries with this key. A failure costs only the reuse.
    func add(_ key: ReuseKey, location: String, startedAt: Int64) {
        guard key.isSettled else { return }
        var status = stat()
        guard stat(location, &status) == 0 else { return }
        do {
            try CatalogFolders.make(folder + "/reuse")
            let file = try ResultFile(path(key))
            JSONValue.object([
                .init("key", .string(key.text)), .init("location", .string(location)),
                .init("byte_count", .int(Int(status.st_size))), .init("started_at", .int(Int(startedAt))),
            ]).write(to: &file.buffer)
            try file.commit()
        } catch {}
    }

    /// Two 64-bit FNV-1a hashes with different starts; equal hashes of different keys only hide a result.
    private static func hash(_ text: String) -> String {
        var first: UInt64 = 0xcbf2_9ce4_8422_2325
        var second: UInt64 = 0x8422_2325_cbf2_9ce4
        for byte in text.utf8 {
            first = (first ^ UInt64(byte)) &* 0x100_0000_01b3
            second = (second ^ UInt64(byte ^ 0x5a)) &* 0x100_0000_01b3
        }
        return String(first, radix: 16) + String(second, radix: 16)
    }
}
