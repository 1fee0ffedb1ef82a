import SQLTypes
import Storage

/// A folder of the lake with what lies in it; files and folders sorted by name, hidden and excluded ones left out.
struct LakeFolder {
    /// The last part of the path.
    var name: String
    var path: String
    var files: [FileEntry] = []
    var folders: [LakeFolder] = []

    /// Files in it and below.
    var fileCount: Int { files.count + folders.reduce(0) { $0 + $1.fileCount } }

    /// The folders of an include path, from one listing.
    static func read(
        _ root: String, exclusions: [String], fileSystem: any FileSystem, cancellation: Cancellation
    ) throws -> LakeFolder {
        let patterns = exclusions.map(GlobPattern.init)
        var folder = LakeFolder(name: lastPart(root), path: root)
        for file in try fileSystem.listFiles(root, cancellation: cancellation) where file.byteCount > 0 {
            let relative = String(file.path.dropFirst(root == "/" ? 1 : root.count + 1))
            if patterns.contains(where: { $0.matches(relative) }) { continue }
            folder.add(file, parts: relative.split(separator: "/").map(String.init)[...])
        }
        return folder
    }

    static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

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
