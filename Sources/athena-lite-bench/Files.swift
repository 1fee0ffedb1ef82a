import Glibc

/// What a benchmark asks of the file system.
enum Files {
    static func text(of path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw BenchmarkError("The file \(path) cannot be read") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while true {
            let byte = fgetc(file)
            if byte == EOF { break }
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The `.sql` files of a folder, by name.
    static func statements(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else { throw BenchmarkError("The folder \(folder) cannot be read") }
        defer { closedir(stream) }
        var paths: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".sql") { paths.append("\(folder)/\(name)") }
        }
        return paths.sorted()
    }

    /// A new folder for a catalog.
    static func temporaryFolder() throws -> String {
        var name = Array("/tmp/athena-lite-bench-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw BenchmarkError("No folder can be made in /tmp") }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
