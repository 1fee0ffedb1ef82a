import Glibc

// athena-lite-bench [options] FILE.sql...
//
// Runs each file's statement in this process and, in turn, in a peer, and prints both minima and their ratio.

do {
    try Benchmark(arguments: Array(CommandLine.arguments.dropFirst())).run()
} catch let error as BenchmarkError {
    var text = error.message + "\n"
    text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    exit(2)
}
