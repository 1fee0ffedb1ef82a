import CSQLite
import Glibc
import SQLTypes

/// The catalog on disk: `metastore.sqlite` in the catalog folder, opened lazily.
///
/// Every change is one transaction begun with BEGIN IMMEDIATE; several processes may use the folder at once; a kill at
/// any moment leaves the old or the new state. SQLite before 3.51.3 can corrupt a WAL that two connections reset at
/// once, so with such a version checkpoints and writing transactions hold an advisory lock on `metastore.lock`.
///
/// `@unchecked Sendable`: `lock` (recursive) guards the connection.
public final class MetastoreStore: CatalogReader, @unchecked Sendable {
    public let folder: String
    public let isReadOnly: Bool
    private var opened: SQLiteConnection?
    private var lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var transactionDepth = 0
    /// The open transaction changes tables, so that its end is a new version of the catalog.
    private var transactionChangesTables = false
    private var lockDescriptor: Int32 = -1

    private static let needsWriterLock = sqlite3_libversion_number() < 3_051_003
    /// WAL pages after which a writer checkpoints.
    private static let checkpointPages = 1000

    /// A store over `folder`, which is created on first use unless `readOnly`.
    public init(folder: String, readOnly: Bool = false) {
        self.folder = folder
        isReadOnly = readOnly
        var attributes = pthread_mutexattr_t()
        pthread_mutexattr_init(&attributes)
        pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_RECURSIVE))
        pthread_mutex_init(lock, &attributes)
        pthread_mutexattr_destroy(&attributes)
    }

    deinit {
        opened = nil
        if lockDescriptor >= 0 { close(lockDescriptor) }
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    var filePath: String { folder + "/metastore.sqlite" }

    /// Runs `body` with the connection while no other thread uses it.
    func read<Result>(_ body: (SQLiteConnection) throws -> Result) throws -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(try connection())
    }

    /// Runs `body` as one transaction; inside another transaction it becomes part of that one.
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try write(changesTables: false) { _ in try body() }
    }

    /// - Parameter changesTables: whether databases, tables or partitions change, and not only what the catalog
    ///   remembers of runs and statements.
    func write<Result>(
        changesTables: Bool = true, _ body: (SQLiteConnection) throws -> Result
    ) throws -> Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard !isReadOnly else {
            throw QueryError(.permissionDenied, "The catalog is opened with --read-only and cannot be changed")
        }
        let connection = try connection()
        if transactionDepth > 0 {
            transactionChangesTables = transactionChangesTables || changesTables
            return try body(connection)
        }
        try lockWriters()
        defer { unlockWriters() }
        try connection.execute("BEGIN IMMEDIATE")
        transactionDepth = 1
        transactionChangesTables = changesTables
        defer { transactionDepth = 0 }
        do {
            let result = try body(connection)
            if transactionChangesTables { try connection.execute("UPDATE catalog_version SET version = version + 1") }
            try connection.execute("COMMIT")
            if Self.needsWriterLock { try? checkpointIfLarge(connection) }
            return result
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    /// Grows with every change of databases, tables or partitions, by whatever process.
    public func tablesVersion() throws -> Int64 {
        try read { connection in
            var version: Int64 = 0
            try connection.run("SELECT version FROM catalog_version") { version = $0.int(0) }
            return version
        }
    }

    // MARK: - Opening

    private func connection() throws -> SQLiteConnection {
        if let opened { return opened }
        let made = isReadOnly ? try openReadOnly() : try openForWriting()
        opened = made
        return made
    }

    private func openForWriting() throws -> SQLiteConnection {
        try Self.makeFolders(folder)
        let connection = try SQLiteConnection(path: filePath)
        try connection.execute(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16000;")
        if Self.needsWriterLock { try connection.execute("PRAGMA wal_autocheckpoint=0") }
        try migrate(connection)
        return connection
    }

    private func openReadOnly() throws -> SQLiteConnection {
        guard access(filePath, R_OK) == 0 else {
            throw QueryError(
                .hiveMetastoreError, "The catalog \(folder) does not exist, and --read-only does not create it")
        }
        let hasLog = logByteCount > 0
        let canWrite = access(folder, W_OK) == 0
        guard canWrite || !hasLog else {
            throw QueryError(
                .hiveMetastoreError,
                "The catalog \(folder) has changes in its write-ahead log that cannot be read from a read-only folder")
        }
        var escaped = ""
        for character in filePath {
            switch character {
            case "?": escaped += "%3f"
            case "#": escaped += "%23"
            case "%": escaped += "%25"
            default: escaped.append(character)
            }
        }
        let connection = try SQLiteConnection(
            path: filePath, uri: "file:\(escaped)?mode=ro" + (canWrite ? "" : "&immutable=1"), readOnly: true)
        try checkVersion(connection)
        return connection
    }

    private func checkVersion(_ connection: SQLiteConnection) throws {
        let version = try userVersion(connection)
        guard version <= Migrations.steps.count else {
            throw QueryError(
                .hiveMetastoreError,
                "The catalog \(folder) was made by a newer athena-lite (schema \(version)): use that version")
        }
    }

    private func userVersion(_ connection: SQLiteConnection) throws -> Int {
        var version = 0
        try connection.run("PRAGMA user_version") { version = Int($0.int(0)) }
        return version
    }

    private func migrate(_ connection: SQLiteConnection) throws {
        try checkVersion(connection)
        guard try userVersion(connection) < Migrations.steps.count else { return }
        try lockWriters()
        defer { unlockWriters() }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            // Another process may have migrated while this one waited.
            for version in try userVersion(connection)..<Migrations.steps.count {
                try connection.execute(Migrations.steps[version])
                try connection.execute("PRAGMA user_version=\(version + 1)")
            }
            try connection.execute("COMMIT")
        } catch {
            try? connection.execute("ROLLBACK")
            throw error
        }
    }

    // MARK: - The writer lock

    private func lockWriters() throws {
        guard Self.needsWriterLock else { return }
        if lockDescriptor < 0 {
            lockDescriptor = open(folder + "/metastore.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard lockDescriptor >= 0 else {
                throw QueryError(
                    .hiveMetastoreError,
                    "catalog \(folder): the lock file cannot be opened: \(String(cString: strerror(errno)))")
            }
        }
        while flock(lockDescriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw QueryError(
                    .hiveMetastoreError, "catalog \(folder): cannot lock: \(String(cString: strerror(errno)))")
            }
        }
    }

    private func unlockWriters() {
        if lockDescriptor >= 0 { flock(lockDescriptor, LOCK_UN) }
    }

    private func checkpointIfLarge(_ connection: SQLiteConnection) throws {
        guard logByteCount > Self.checkpointPages * 4096 else { return }
        try connection.run("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    private var logByteCount: Int {
        var status = stat()
        return stat(filePath + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    static func makeFolders(_ path: String) throws {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        if errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeFolders(String(path[..<slash]))
            if mkdir(path, 0o755) == 0 || errno == EEXIST { return }
        }
        throw QueryError(
            .hiveMetastoreError, "The catalog folder \(path) cannot be made: \(String(cString: strerror(errno)))")
    }
}
