/// Table names as Glue makes them: lower case, `[a-z0-9_]`, prefix first, 128 characters at most.
enum TableNames {
    static let maxLength = 128

    static func name(_ source: String, prefix: String) -> String {
        var out = ""
        for scalar in (prefix + source).lowercased().unicodeScalars {
            let isPlain = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_"
            out.unicodeScalars.append(isPlain ? scalar : "_")
        }
        return String(out.prefix(maxLength))
    }

    /// The name for a second table that would have `name`: with a hash of its location.
    static func distinct(_ name: String, location: String) -> String {
        // FNV-1a: stable between runs, unlike Swift's hashing.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in location.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        let suffix = "_" + String(repeating: "0", count: 16 - digits.count) + digits
        return String(name.prefix(maxLength - suffix.count)) + suffix
    }
}
