/// Folder names of partitions in Hive's layout: `key=value`, with unusual characters of the value as `%XX`.
public enum PartitionFolder {
    /// `key=value/key=value`.
    public static func path(keys: [String], values: [String]) -> String {
        zip(keys, values).map { "\(escape($0))=\(escape($1))" }.joined(separator: "/")
    }

    /// Key and value of a folder's name; nil when it has no `=`. A key is never empty.
    public static func parse(_ name: String) -> (key: String, value: String)? {
        guard let sign = name.firstIndex(of: "="), sign != name.startIndex else { return nil }
        return (unescape(String(name[..<sign])), unescape(String(name[name.index(after: sign)...])))
    }

    /// As Hive's `FileUtils.escapePathName`.
    public static func escape(_ text: String) -> String {
        var out: [UInt8] = []
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7f || "\"#%'*/:=?\\{[]^".utf8.contains(byte) {
                out.append(contentsOf: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            } else {
                out.append(byte)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    public static func unescape(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = digit(bytes[index + 1]),
                let low = digit(bytes[index + 2])
            {
                out.append(high << 4 | low)
                index += 3
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let hex = Array("0123456789ABCDEF".utf8)

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
