import Glibc
import Testing

/// The repository's own rules: imports point down the module map, and the documentation names files that exist.
@Suite struct RepositoryTests {
    /// Targets, lowest first, as in Package.swift.
    static let order = [
        "CKernels", "SQLTypes", "SQLSyntax", "Columnar", "Functions", "Expressions", "Storage", "Parquet",
        "DelimitedText",
        "JSONLines", "Metastore", "Crawling", "Planning", "Execution", "Engine", "FrontEnds",
        "GrammarModel", "Fuzzing",
    ]

    @Test func importsPointDown() {
        for target in Self.order {
            let folder =
                ["Parquet", "DelimitedText", "JSONLines"].contains(target)
                ? "Sources/Formats/\(target)" : "Sources/\(target)"
            guard let own = Self.order.firstIndex(of: target) else { continue }
            for path in Repository.files(folder) where path.hasSuffix(".swift") {
                for line in Repository.lines(path) where line.hasPrefix("import ") {
                    let name = String(line.dropFirst(7))
                    guard let imported = Self.order.firstIndex(of: name) else { continue }
                    #expect(
                        imported < own,
                        "\(path) imports \(name), which stands above \(target): move the code to the stage it belongs to"
                    )
                }
            }
        }
    }

    @Test func crawlingKnowsNothingOfTheQueryEngine() {
        let forbidden: Set<String> = ["SQLSyntax", "Functions", "Expressions", "Planning", "Execution", "Engine"]
        for path in Repository.files("Sources/Crawling") {
            for line in Repository.lines(path) where line.hasPrefix("import ") {
                #expect(!forbidden.contains(String(line.dropFirst(7))), "\(path): \(line)")
            }
        }
    }

    @Test func foundationStaysOutOfTheEngine() {
        for target in Self.order where target != "FrontEnds" {
            for path in Repository.files("Sources/\(target)") where path.hasSuffix(".swift") {
                for line in Repository.lines(path) {
                    #expect(
                        line != "import Foundation",
                        "\(path): Foundation costs milliseconds at start; use Glibc or our own code")
                }
            }
        }
    }

    /// Every `Sources/...` in the life-of-a-query page is a file.
    @Test func documentationNamesFilesThatExist() {
        let page = Repository.lines("Sources/Engine/Engine.docc/LifeOfAQuery.md").joined(separator: "\n")
        var count = 0
        for piece in page.split(separator: "`") where piece.hasPrefix("Sources/") {
            count += 1
            #expect(
                access(Repository.root + "/" + piece, F_OK) == 0, "LifeOfAQuery.md names \(piece), which does not exist"
            )
        }
        #expect(count > 10)
    }
}

enum Repository {
    static let root: String = {
        let parts = #filePath.split(separator: "/")
        return "/" + parts.dropLast(3).joined(separator: "/")
    }()

    /// Files below a folder, relative to the root.
    static func files(_ folder: String) -> [String] {
        guard let handle = opendir(root + "/" + folder) else { return [] }
        defer { closedir(handle) }
        var found: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            let path = folder + "/" + name
            if let inner = opendir(root + "/" + path) {
                closedir(inner)
                found += files(path)
            } else {
                found.append(path)
            }
        }
        return found
    }

    static func lines(_ path: String) -> [String] {
        guard let file = fopen(root + "/" + path, "r") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
    }
}
