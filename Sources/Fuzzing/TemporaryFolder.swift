import Glibc
import SQLTypes

/// A folder of its own, removed with the object.
final class TemporaryFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/athena-lite-fuzz-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw FuzzFailure("no temporary folder can be made: \(String(cString: strerror(errno)))")
        }
        path = String(cString: made)
    }

    deinit { Self.remove(path) }

    static func remove(_ folder: String) {
        guard let handle = opendir(folder) else { return }
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name == "." || name == ".." { continue }
            let path = folder + "/" + name
            if unlink(path) != 0 { remove(path) }
        }
        closedir(handle)
        rmdir(folder)
    }
}
