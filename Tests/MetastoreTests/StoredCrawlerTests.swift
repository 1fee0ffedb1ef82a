import Foundation
import SQLTypes
import Testing

/// `athena-lite crawler` and `classifier`, through the binary.
@Suite struct StoredCrawlerTests {
    @Test func lifeOfACrawler() throws {
        let folder = try CatalogFolder()
        let lake = folder.path + "/lake"
        try FileManager.default.createDirectory(atPath: lake + "/t", withIntermediateDirectories: true)
        try "1|x\n2|y\n".write(toFile: lake + "/t/a.txt", atomically: true, encoding: .utf8)
        func run(_ arguments: String...) throws -> Program.Result {
            try Program.run(["--catalog", folder.path + "/catalog"] + arguments)
        }
        #expect(try run("crawler", "list").output == "")
        #expect(
            try run(
                "classifier", "create", "pipes", "csv", "--delimiter", "|", "--header", "absent", "--columns", "id,name"
            )
            .status == 0)
        #expect(try run("classifier", "list").output == "pipes\n")
        #expect(try run("classifier", "show", "pipes").output.contains(#""delimiter":"|""#))
        let created = try run(
            "crawler", "create", "c", lake, "--database", "d", "--classifier", "pipes", "--prefix", "x_")
        #expect(created.status == 0, "\(created.errors)")
        #expect(try run("crawler", "list").output == "c\n")
        let shown = try JSONValue.parse(try run("crawler", "show", "c").output)
        #expect(shown["database"]?.stringValue == "d")
        #expect(shown["paths"]?.text == "[\"\(lake)\"]")
        #expect(shown["classifiers"]?.text == #"["pipes"]"#)
        let report = try JSONValue.parse(try run("crawler", "run", "c", "--format", "json").output)
        #expect(report["state"]?.stringValue == "SUCCEEDED")
        #expect(report["tables"]?.arrayValue?.first?["name"]?.stringValue == "x_t")
        #expect(report["tables"]?.arrayValue?.first?["columns"]?.text == #"[["id","bigint"],["name","string"]]"#)
        #expect(try run("query", "--database", "d", "-e", "SELECT max(name) AS m FROM x_t").output == "\"m\"\n\"y\"\n")
        let text = try run("crawler", "run", "c")
        #expect(text.output.contains("x_t: unchanged"))
        let history = try run("crawler", "history", "c").output.split(separator: "\n")
        #expect(history.count == 2)
        #expect(history.allSatisfy { $0.contains("COMPLETED") })
        let near = try run("crawler", "run", "cc")
        #expect(near.status == 1)
        #expect(near.errors.contains("Crawler 'cc' does not exist"))
        #expect(try run("crawler", "delete", "c").status == 0)
        #expect(try run("crawler", "delete", "c").status == 1)
        #expect(try run("crawler", "history", "c").output == "")
        // Its tables stay.
        #expect(try run("query", "--database", "d", "-e", "SHOW TABLES").output.contains("x_t"))
        #expect(try run("classifier", "delete", "pipes").status == 0)
        let grok = try run("classifier", "create", "g", "grok")
        #expect(grok.status == 1)
        #expect(grok.errors.contains("NOT_SUPPORTED"))
        #expect(try run("classifier", "create", "q", "csv", "--delimiter", "ab").status == 2)
        #expect(try run("crawl", lake, "--classifier", "gone").errors.contains("Classifier 'gone' does not exist"))
        #expect(try run("crawl", lake, "--grouping", "some").status == 2)
        let failed = try run("crawl", lake + "/none", "--format", "json")
        #expect(failed.status == 1)
        #expect(try JSONValue.parse(failed.output)["state"]?.stringValue == "FAILED")
    }
}
