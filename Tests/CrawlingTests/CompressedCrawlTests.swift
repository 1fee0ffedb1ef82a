import Foundation
import Testing

/// Compressed text is recognised by its first bytes.
@Suite struct CompressedCrawlTests {
    /// `id,name / 1,a / 2,b`, compressed by other programs.
    static let files: [(name: String, codec: String, base64: String)] = [
        ("a.csv.gz", "gzip", "H4sIAAAAAAACA8tM0clLzE3lMtRJ5DLSSeICAKXCGU0QAAAA"),
        (
            "a.csv.bz2", "bzip2",
            "QlpoOTFBWSZTWaAwe34AAAbZAAAQAAQwADYjIAAxANNNBAMQIEFFl0b17fi7kinChIUBg9"
                + "vw"
        ),
        ("a.csv.zst", "zstd", "KLUv/QBIgQAAaWQsbmFtZQoxLGEKMixiCg=="),
        ("a.csv.lz4", "lz4", "BCJNGEBAwBAAAIBpZCxuYW1lCjEsYQoyLGIKAAAAAA=="),
        ("a.csv.snappy", "snappy", "/wYAAHNOYVBwWQEUAABju5mjaWQsbmFtZQoxLGEKMixiCg=="),
    ]

    @Test(arguments: files.indices) func isRead(_ index: Int) throws {
        let file = Self.files[index]
        let lake = try Lake([:])
        let bytes = try #require(Data(base64Encoded: file.base64))
        try lake.put("t/" + file.name, Array(bytes))
        let table = try #require(lake.crawl()["t"])
        #expect(table.shape == "id bigint, name string")
        #expect(table.properties["compressionType"] == file.codec)
        #expect(try lake.rows("SELECT * FROM t") == ["1|a", "2|b"])
    }

    @Test func aDamagedFileIsNamed() throws {
        let lake = try Lake(["t/a.csv": "id,name\n1,a\n2,b\n", "t/b.csv.gz": "this is no gzip\n"])
        let report = try lake.crawl()
        #expect(report.warnings.contains { $0.contains("b.csv.gz left out") })
        #expect(try lake.rows("SELECT * FROM t") == ["1|a", "2|b"])
    }

    @Test func compressedNothingDoesNotCount() throws {
        let lake = try Lake(["t/a.csv": "id,name\n1,a\n2,b\n"])
        let bytes = try #require(Data(base64Encoded: "H4sIAAAAAAAC/wMAAAAAAAAAAAA="))
        try lake.put("t/b.csv.gz", Array(bytes))
        let report = try lake.crawl()
        #expect(report.warnings.isEmpty, "\(report.warnings)")
        #expect(try lake.rows("SELECT * FROM t") == ["1|a", "2|b"])
    }
}
