import SQLTypes

/// A file as readers see it. All file access of the engine goes through `FileSystem` and this protocol, so that tests
/// can make the n-th call fail.
public protocol ByteSource: AnyObject, Sendable {
    var entry: FileEntry { get }
    /// Reads up to `target.count` bytes at `offset`; fewer only at the end of the file.
    /// - Throws: HIVE_FILESYSTEM_ERROR naming the file.
    func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws -> Int
}

/// One file as listed: enough to know that it has not changed.
public struct FileEntry: Hashable, Sendable {
    /// Absolute path.
    public var path: String
    public var byteCount: Int
    public var inode: UInt64
    /// Nanoseconds since 1970.
    public var modified: Int64
    public var changed: Int64

    public init(path: String, byteCount: Int, inode: UInt64, modified: Int64, changed: Int64) {
        self.path = path
        self.byteCount = byteCount
        self.inode = inode
        self.modified = modified
        self.changed = changed
    }
}

/// Files and folders.
public protocol FileSystem: Sendable {
    func open(_ entry: FileEntry) throws -> any ByteSource
    func stat(_ path: String) throws -> FileEntry?
    /// Files beneath `folder`, recursively, sorted by path; hidden names (`_*`, `.*`) left out at every level.
    func listFiles(_ folder: String, cancellation: Cancellation) throws -> [FileEntry]
    /// Names in one folder, sorted, hidden ones included; a folder's name ends in `/`.
    func listFolder(_ folder: String) throws -> [String]
}
