import Glibc

/// The suites against DuckDB: TPC-H over Parquet with peak memory, aggregation over CSV, and the start of a process.
struct Suites {
    let options: Options

    func run() throws {
        for suite in options.suites {
            print("== \(suite.rawValue)")
            switch suite {
            case .tpch: try statements("tpch", over: "parquet", showsMemory: true)
            case .csv: try statements("csv", over: "csv", showsMemory: false)
            case .startup: try startup()
            }
        }
    }

    /// Times the texts of `texts/<suite>` over the tables that a crawl of `data/<folder>` finds.
    private func statements(_ suite: String, over folder: String, showsMemory: Bool) throws {
        let files = try Files.statements(in: "\(options.texts)/\(suite)")
        let lake = "\(options.data)/\(folder)"
        let catalog = try Files.temporaryFolder()
        defer { _ = try? ChildProcess.run(["rm", "-rf", catalog]) }
        try ChildProcess.run([program, "--catalog", catalog, "crawl", lake, "--format", "json"])
        let peer = try PeerProcess([
            options.python, "\(options.texts)/duckdb_peer.py", lake, String(options.threads),
        ])
        let times = try StatementTimes(catalog: catalog, peer: peer, options)
        try times.run(files)
        if showsMemory { try times.printPeakMemory() }
    }

    /// Whole processes that answer SELECT 1.
    private func startup() throws {
        let catalog = try Files.temporaryFolder()
        defer { _ = try? ChildProcess.run(["rm", "-rf", catalog]) }
        let ours = [program, "--catalog", catalog, "query", "-e", "SELECT 1"]
        let theirs = [options.python, "-c", "import duckdb; print(duckdb.sql('SELECT 1').fetchall())"]
        var best = (ours: Double.infinity, theirs: Double.infinity)
        for _ in 0..<max(options.runs, 10) {
            best.ours = min(best.ours, try ChildProcess.run(ours))
            best.theirs = min(best.theirs, try ChildProcess.run(theirs))
        }
        func text(_ number: Double) -> String { String(Double(Int(number * 100 + 0.5)) / 100) }
        print("process\tathena-lite ms\tpeer ms\tratio")
        print("SELECT 1\t\(text(best.ours))\t\(text(best.theirs))\t\(text(best.ours / best.theirs))")
    }

    /// The `athena-lite` that was built with this program.
    private var program: String {
        var parts = CommandLine.arguments[0].split(separator: "/", omittingEmptySubsequences: false)
        parts[parts.count - 1] = "athena-lite"
        return parts.joined(separator: "/")
    }
}
