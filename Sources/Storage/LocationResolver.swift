import SQLTypes

/// Turns a table's LOCATION into a folder of this machine: plain paths, `file://`, and `s3://bucket/key` below the
/// folder that the setting `s3.root` names.
public struct LocationResolver: Sendable {
    /// Folder that stands for `s3://`.
    public var s3Root: String?
    /// Folder that relative locations start from.
    public var workingDirectory: String

    public init(s3Root: String?, workingDirectory: String) {
        self.s3Root = s3Root
        self.workingDirectory = workingDirectory
    }

    /// An absolute path without `.`, `..` or doubled slashes.
    /// - Throws: INVALID_TABLE_PROPERTY for another scheme or an `s3://` location that leaves `s3.root`.
    public func path(_ location: String) throws -> String {
        for scheme in ["s3://", "s3a://", "s3n://"] where location.hasPrefix(scheme) {
            guard let root = s3Root, !root.isEmpty else {
                throw QueryError(
                    .invalidTableProperty,
                    "The location \(location) needs a folder that stands for s3://: set the session property s3.root")
            }
            let rest = String(location.dropFirst(scheme.count))
            guard !rest.split(separator: "/").contains("..") else {
                throw QueryError(.invalidTableProperty, "The location \(location) may not contain '..'")
            }
            return Self.normalized(absolute(root) + "/" + rest)
        }
        if location.hasPrefix("file:") {
            var rest = String(location.dropFirst(5))
            if rest.hasPrefix("//") {
                rest = String(rest.dropFirst(2))
                if !rest.hasPrefix("/") { rest = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/" }
            }
            return Self.normalized(absolute(rest))
        }
        if let colon = location.range(ofScheme: "://") {
            throw QueryError(
                .invalidTableProperty,
                "Locations of the scheme \(location[..<colon]) cannot be read; use a path, file:// or s3://")
        }
        return Self.normalized(absolute(location))
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : workingDirectory + "/" + path
    }

    public static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension String {
    /// Where `mark` begins when only letters, digits, `+`, `-` and `.` stand before it.
    fileprivate func range(ofScheme mark: String) -> String.Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return index == startIndex ? nil : index }
            guard self[index].isLetter || self[index].isNumber || "+-.".contains(self[index]) else { return nil }
            index = self.index(after: index)
        }
        return nil
    }
}
