import SQLTypes
import Storage
import StorageTestSupport

/// Files that mutation starts from.
enum Corpus {
    /// Larger ones make slow cases.
    static let byteLimit = 256 << 10

    /// All files below a folder up to `byteLimit`, by path, so that cases do not depend on the folder's order.
    static func files(_ folder: String, ending: String = "") throws -> [[UInt8]] {
        let system = PosixFileSystem()
        let entries = try system.listFiles(folder, cancellation: Cancellation())
            .filter { $0.path.hasSuffix(ending) && $0.byteCount <= byteLimit }
            .sorted { $0.path < $1.path }
        return try entries.map { entry in
            var bytes = [UInt8](repeating: 0, count: entry.byteCount)
            let source = try system.open(entry)
            let count = try bytes.withUnsafeMutableBytes { try source.read(at: 0, into: $0) }
            return Array(bytes[..<count])
        }
    }

    static func texts(_ folder: String, ending: String) throws -> [String] {
        try files(folder, ending: ending).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Damage to bytes.
enum ByteDamage {
    /// Changes up to `most` places; `special` bytes are those that the format gives a meaning.
    static func apply(_ bytes: inout [UInt8], most: Int, special: [UInt8], _ random: inout Seeded) {
        for _ in 0..<random.number(1...max(most, 1)) {
            if bytes.isEmpty { bytes = [random.pick(special)] }
            let place = random.below(bytes.count)
            switch random.below(9) {
            case 0: bytes[place] ^= 1 << UInt8(random.below(8))
            case 1: bytes[place] = random.byte()
            case 2, 3: bytes[place] = random.pick(special)
            case 4: bytes.insert(random.pick(special), at: place)
            case 5: bytes.removeSubrange(place..<min(bytes.count, place + random.number(1...20)))
            case 6:
                // A piece once more, elsewhere.
                let piece = Array(bytes[place..<min(bytes.count, place + random.number(1...60))])
                bytes.insert(contentsOf: piece, at: random.below(bytes.count))
            case 7: bytes.removeLast(random.below(bytes.count))
            default:
                bytes.insert(contentsOf: repeatElement(random.pick(special), count: random.number(1...80)), at: place)
            }
        }
    }
}
