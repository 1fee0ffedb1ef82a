import SQLTypes
import Storage

/// A folder of the lake with what lies in it; files and folders sorted by name, hidden and excluded ones left out.
struct LakeFolder {
    /// The last part of the path.
    var name: String
    var path: String
    var files: [FileEntry] = []
    var folders: [LakeFolder] = []

    /// The folders of an include path, from one listing.
    static func read(
        _ root: String, exclusions: inout Exclusions, fileSystem: any FileSystem, cancellation: Cancellation
    ) throws -> LakeFolder {
        var folder = LakeFolder(name: lastPart(root), path: root)
        for file in try fileSystem.listFiles(root, cancellation: cancellation) where file.byteCount > 0 {
            folder.add(file, below: root, &exclusions)
        }
        return folder
    }

    /// The folders of an include path without a look into those that are known: their files are the known ones.
    ///
    /// A folder that holds known files is not listed; one that holds known folders alone is, for new ones beside them.
    static func readNew(
        _ root: String, known: [FileEntry], exclusions: inout Exclusions, fileSystem: any FileSystem,
        cancellation: Cancellation
    ) throws -> LakeFolder {
        var folder = LakeFolder(name: lastPart(root), path: root)
        var withFiles: Set<String> = []
        var withFolders: Set<String> = []
        for file in known {
            var parent = parentPath(file.path)
            withFiles.insert(parent)
            while parent.utf8.count > root.utf8.count {
                parent = parentPath(parent)
                guard withFolders.insert(parent).inserted else { break }
            }
        }
        var found = known
        var waiting = [root]
        while let path = waiting.popLast() {
            try cancellation.check()
            if withFiles.contains(path), !withFolders.contains(path) { continue }
            guard withFolders.contains(path) else {
                found += try fileSystem.listFiles(path, cancellation: cancellation)
                continue
            }
            for name in try fileSystem.listFolder(path) where !name.hasPrefix("_") && !name.hasPrefix(".") {
                if name.hasSuffix("/") {
                    waiting.append(path + "/" + name.dropLast())
                } else if !withFiles.contains(path), let file = try fileSystem.stat(path + "/" + name) {
                    found.append(file)
                }
            }
        }
        found.sort { $0.path < $1.path }
        for file in found where file.byteCount > 0 { folder.add(file, below: root, &exclusions) }
        return folder
    }

    static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
    static func parentPath(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private mutating func add(_ file: FileEntry, below root: String, _ exclusions: inout Exclusions) {
        let relative = String(file.path.dropFirst(root == "/" ? 1 : root.count + 1))
        if exclusions.exclude(relative) { return }
        add(file, parts: relative.split(separator: "/").map(String.init)[...])
    }

    /// Files come sorted by path, so that the folder they belong to is the last one or new.
    private mutating func add(_ file: FileEntry, parts: ArraySlice<String>) {
        guard let first = parts.first else { return }
        if parts.count == 1 {
            files.append(file)
            return
        }
        if folders.last?.name != first {
            if let index = folders.firstIndex(where: { $0.name == first }) {
                folders[index].add(file, parts: parts.dropFirst())
                return
            }
            folders.append(LakeFolder(name: first, path: path + "/" + first))
        }
        folders[folders.count - 1].add(file, parts: parts.dropFirst())
    }
}

/// The exclusion patterns of a crawl, and how many files each excluded.
struct Exclusions {
    private let patterns: [(text: String, glob: GlobPattern)]
    private var counts: [Int]

    init(_ patterns: [String]) {
        self.patterns = patterns.map { ($0, GlobPattern($0)) }
        counts = patterns.map { _ in 0 }
    }

    /// Whether the path, relative to the include path, is excluded.
    mutating func exclude(_ path: String) -> Bool {
        guard let index = patterns.firstIndex(where: { $0.glob.matches(path) }) else { return false }
        counts[index] += 1
        return true
    }

    /// Patterns that excluded nothing are most often mistakes.
    var warnings: [String] {
        zip(patterns, counts).filter { $1 == 0 }.map { pattern, _ in
            "the exclusion '\(pattern.text)' matches no file: patterns are relative to the include path, and * does not "
                + "cross folders (** does)"
        }
    }
}
