import Glibc
import SQLTypes

/// The machine's own file system: positioned reads and listings. Any number of threads may use it at once.
public struct PosixFileSystem: FileSystem {
    /// Folders below one another; deeper ones are an error rather than a stack overflow or an endless link loop.
    static let depthLimit = 256

    public init() {}

    public func open(_ entry: FileEntry) throws -> any ByteSource { try PosixFile(entry) }

    public func stat(_ path: String) throws -> FileEntry? {
        var status = Glibc.stat()
        guard fstatat(AT_FDCWD, path, &status, 0) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw Self.failure("Cannot read the state of", path)
        }
        return FileEntry(path: path, status)
    }

    /// Files beneath `folder`; the file itself when `folder` names one; nothing when it does not exist.
    public func listFiles(_ folder: String, cancellation: Cancellation) throws -> [FileEntry] {
        var files: [FileEntry] = []
        let start = folder.utf8.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        var folders: [FolderIdentity] = []
        try collect(start, inside: &folders, into: &files, cancellation)
        files.sort { $0.path < $1.path }
        return files
    }

    public func listFolder(_ folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw Self.failure("Cannot list", folder)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let name = Self.nextName(stream) {
            var isFolder = name.kind == DT_DIR
            if name.kind == DT_LNK || name.kind == DT_UNKNOWN {
                var status = Glibc.stat()
                if fstatat(dirfd(stream), name.text, &status, 0) == 0 { isFolder = status.isFolder }
            }
            names.append(isFolder ? name.text + "/" : name.text)
        }
        names.sort()
        return names
    }

    /// A folder whatever its path: links can lead back to where they lie.
    private struct FolderIdentity: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    private func collect(
        _ folder: String, inside folders: inout [FolderIdentity], into files: inout [FileEntry],
        _ cancellation: Cancellation
    ) throws {
        try cancellation.check()
        let depth = folders.count
        guard depth < Self.depthLimit else {
            throw QueryError(.hiveFilesystemError, "Folders are nested too deeply: \(folder)")
        }
        guard let stream = opendir(folder) else {
            switch errno {
            case ENOENT: return
            case ENOTDIR:
                if depth == 0, let entry = try stat(folder) { files.append(entry) }
                return
            default: throw Self.failure("Cannot list", folder)
            }
        }
        defer { closedir(stream) }
        var own = Glibc.stat()
        guard fstat(dirfd(stream), &own) == 0 else { throw Self.failure("Cannot read the state of", folder) }
        let identity = FolderIdentity(device: UInt64(own.st_dev), inode: UInt64(own.st_ino))
        // A link to a folder around it holds nothing new.
        if folders.contains(identity) { return }
        folders.append(identity)
        defer { folders.removeLast() }
        let prefix = folder == "/" ? "/" : folder + "/"
        while let name = Self.nextName(stream) {
            if name.isHidden { continue }
            let path = prefix + name.text
            if name.kind == DT_DIR {
                try collect(path, inside: &folders, into: &files, cancellation)
                continue
            }
            var status = Glibc.stat()
            guard fstatat(dirfd(stream), name.text, &status, 0) == 0 else {
                // Removed meanwhile, or a link to nothing.
                if errno == ENOENT { continue }
                throw Self.failure("Cannot read the state of", path)
            }
            if status.isFolder {
                try collect(path, inside: &folders, into: &files, cancellation)
            } else if status.isRegular {
                files.append(FileEntry(path: path, status))
            }
        }
    }

    private struct Name {
        var text: String
        var kind: Int
        var isHidden: Bool
    }

    /// The next entry of a folder, `.` and `..` left out.
    private static func nextName(_ stream: OpaquePointer) -> Name? {
        while let entry = readdir(stream) {
            let kind = Int(entry.pointee.d_type)
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 19
            let bytes = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
            let first = UInt8(bitPattern: bytes[0])
            let isDot = first == UInt8(ascii: ".")
            if isDot, bytes[1] == 0 { continue }
            if isDot, UInt8(bitPattern: bytes[1]) == UInt8(ascii: "."), bytes[2] == 0 { continue }
            return Name(text: String(cString: bytes), kind: kind, isHidden: isDot || first == UInt8(ascii: "_"))
        }
        return nil
    }

    static func failure(_ what: String, _ path: String) -> QueryError {
        let reason = String(cString: strerror(errno))
        return QueryError(.hiveFilesystemError, "\(what) \(path): \(reason)")
    }
}

private let DT_UNKNOWN = 0
private let DT_DIR = 4
private let DT_LNK = 10

extension stat {
    fileprivate var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    fileprivate var isRegular: Bool { st_mode & S_IFMT == S_IFREG }
}

extension FileEntry {
    init(path: String, _ status: stat) {
        self.init(
            path: path, byteCount: Int(status.st_size), inode: UInt64(status.st_ino),
            modified: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec),
            changed: Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec))
    }
}

/// An open file, read at positions; several threads may read at once.
public final class PosixFile: ByteSource {
    public let entry: FileEntry
    private let descriptor: Int32

    init(_ entry: FileEntry) throws {
        descriptor = Glibc.open(entry.path, O_RDONLY | O_CLOEXEC)
        self.entry = entry
        guard descriptor >= 0 else {
            let code: ErrorCode = errno == ENOENT ? .hiveFileNotFound : .hiveCannotOpenSplit
            let reason = String(cString: strerror(errno))
            throw QueryError(code, "Error opening \(entry.path): \(reason)")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw PosixFileSystem.failure("Cannot read", entry.path) }
        if entry.inode != UInt64(status.st_ino) || Int(status.st_size) < entry.byteCount {
            throw QueryError(.hiveCannotOpenSplit, "File was replaced or cut since it was listed: \(entry.path)")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            let count = pread(descriptor, start + done, target.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw PosixFileSystem.failure("Cannot read", entry.path)
            }
        }
        return done
    }
}
