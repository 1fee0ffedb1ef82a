import Glibc

// athena-lite-bench SUITE... --data FOLDER | athena-lite-bench [options] FILE.sql...
//
// Times statements in this process and, in turn, in a peer, and prints the minima and their ratios.

do {
    let options = try Options(arguments: Array(CommandLine.arguments.dropFirst()))
    if options.files.isEmpty {
        try Suites(options: options).run()
    } else {
        let peer = try options.peer.isEmpty ? nil : PeerProcess(options.peer)
        let times = try StatementTimes(catalog: options.catalog, database: options.database, peer: peer, options)
        try times.run(options.files)
        try times.printPeakMemory()
    }
} catch let error as BenchmarkError {
    var text = error.message + "\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    exit(2)
}
