import Execution
import Functions
import Glibc
import Metastore
import SQLTypes
import Storage

/// One catalog and everything that its sessions share: functions, formats, footers, worker threads.
///
/// The only place that wires targets together. Cheap to make: the catalog's file and threads are opened on first use.
public final class Engine: Sendable {
    public let store: MetastoreStore
    public let functions: FunctionRegistry
    public let fileSystem: any FileSystem
    public let footers: FooterCache
    public let formats: FormatRegistry
    public let workingDirectory: String
    let pools: WorkerPools

    /// - Parameters:
    ///   - catalogFolder: the folder of `metastore.sqlite`, made on first use.
    ///   - isReadOnly: nothing in the catalog is changed.
    public init(catalogFolder: String, isReadOnly: Bool = false, fileSystem: any FileSystem = PosixFileSystem()) {
        store = MetastoreStore(folder: catalogFolder, readOnly: isReadOnly)
        functions = .standard
        self.fileSystem = fileSystem
        footers = FooterCache()
        formats = FormatRegistry()
        pools = WorkerPools()
        workingDirectory = Self.currentDirectory()
    }

    /// Where results are kept, absolute.
    var resultsFolder: String {
        (store.folder.hasPrefix("/") ? store.folder : workingDirectory + "/" + store.folder) + "/results"
    }

    private static func currentDirectory() -> String {
        guard let pointer = getcwd(nil, 0) else { return "/" }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    /// Processors that the process may use.
    static var processorCount: Int { max(Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))), 1) }

    /// Three quarters of the machine's memory.
    static var defaultMemoryLimit: Int {
        let bytes = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
        return max(bytes / 4 * 3, 256 << 20)
    }

    /// Milliseconds since 1970.
    static func now() -> Int64 { nowNanoseconds() / 1_000_000 }

    static func nowNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
