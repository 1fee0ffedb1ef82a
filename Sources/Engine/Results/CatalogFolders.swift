import Glibc
import SQLTypes

/// Folders in the catalog's folder that are made when something is put there.
enum CatalogFolders {
    static func make(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw QueryError(
                .genericExternal, "The folder \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        try make(String(path[..<slash]))
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw QueryError(
                .genericExternal, "The folder \(path) cannot be made: \(String(cString: strerror(errno)))")
        }
    }
}
