import Fuzzing
import Glibc

let usage = """
    athena-lite-fuzz sql|parquet|csv|json [options]
      --seconds N      how long (60)
      --cases N        at most so many cases
      --seed N         which cases (1); a seed and a case's number always make the same case
      --first N        begin with this case
      --case N         this case alone, in this process (for a debugger)
      --corpus DIR     seeds in place of the repository's testdata
      --output DIR     where failing cases are written (.)
      --repository DIR the folder of testdata and grammar (.)
    Prints one line for each failing case and a summary; exits with 1 when a case failed.
    """

func refuse(_ text: String) -> Never {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
    exit(2)
}

var arguments = CommandLine.arguments.dropFirst()
guard let kind = arguments.popFirst().flatMap(FuzzerKind.init(rawValue:)) else { refuse(usage) }
var run = FuzzRun(kind)
var single: Int?
var progressPath: String?
while let name = arguments.popFirst() {
    guard let value = arguments.popFirst() else { refuse(usage) }
    func number() -> Int {
        guard let number = Int(value), number >= 0 else { refuse("\(name) takes a number, not '\(value)'") }
        return number
    }
    switch name {
    case "--seconds": run.seconds = number()
    case "--cases": run.caseLimit = number()
    case "--seed": run.seed = UInt64(number())
    case "--first": run.firstCase = number()
    case "--case": single = number()
    case "--corpus": run.corpus = value
    case "--output": run.outputFolder = value
    case "--repository": run.repository = value
    case "--worker": progressPath = value
    default: refuse(usage)
    }
}
do {
    if let progressPath {
        try run.work(progressPath: progressPath)
    } else if let single {
        let fuzzer = try kind.fuzzer(repository: run.repository, corpus: run.corpus)
        let taken = try fuzzer.run(seed: run.seed, cases: single..<single + 1)
        print(taken > 0 ? "taken" : "refused")
    } else {
        exit(try run.watch() > 0 ? 1 : 0)
    }
} catch {
    refuse("\(error)")
}
