import Engine
import Glibc
import SQLTypes

/// Times statements against a peer, interleaved, so that a drift of the machine's speed hits both.
///
/// The peer is any program that reads one SQL text a line (line ends as blanks) and answers each with its time in
/// milliseconds on a line of its own: `testdata/bench/duckdb_peer.py` is one.
struct StatementTimes {
    let session: Session
    let peer: PeerProcess?
    let runs: Int

    init(catalog: String, database: String = "default", peer: PeerProcess?, _ options: Options) throws {
        do {
            session = try Session(
                engine: Engine(catalogFolder: catalog), database: database, properties: options.properties)
        } catch let error as QueryError {
            throw BenchmarkError(error.description)
        }
        self.peer = peer
        runs = options.runs
    }

    /// Prints a line per file: the minima of both and their ratio; last the geometric mean of the ratios.
    func run(_ files: [String]) throws {
        var logarithms = 0.0
        print("statement\tathena-lite ms\tpeer ms\tratio")
        for file in files {
            let sql = try Files.text(of: file)
            var ours = Double.infinity
            var theirs = Double.infinity
            for _ in 0..<runs {
                do {
                    let outcome = try session.execute(sql, to: ForgettingSink())
                    ours = min(ours, outcome.statistics.planning + outcome.statistics.execution)
                } catch let error as QueryError {
                    throw BenchmarkError("\(file): \(error)")
                }
                if let peer { theirs = min(theirs, try peer.time(sql)) }
            }
            let name = file.split(separator: "/").last.map(String.init) ?? file
            if peer == nil {
                print("\(name)\t\(text(ours))")
            } else {
                print("\(name)\t\(text(ours))\t\(text(theirs))\t\(text(ours / theirs))")
                logarithms += log(ours / theirs)
            }
            fflush(nil)
        }
        if peer != nil, !files.isEmpty {
            print("geometric mean\t\t\t\(text(exp(logarithms / Double(files.count))))")
        }
    }

    /// Prints the highest memory that this process and the peer's held so far.
    func printPeakMemory() throws {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let ours = Double(usage.ru_maxrss) / 1024
        guard let peer else { return print("peak memory\t\(text(ours)) MiB") }
        let theirs = try peer.peakMemory()
        print("peak memory, MiB\t\(text(ours))\t\(text(theirs))\t\(text(ours / theirs))")
    }

    private func text(_ number: Double) -> String { String(Double(Int(number * 100 + 0.5)) / 100) }
}
