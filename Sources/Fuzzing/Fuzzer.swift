import SQLTypes
import StorageTestSupport

/// Makes cases and says what must hold of each. Any outcome of a case is right but these: the process ends, a case
/// takes too long or too much memory, or `run` throws `FuzzFailure`.
public protocol Fuzzer {
    /// The same random numbers give the same case.
    func makeCase(_ random: inout Seeded) -> FuzzCase
}

extension Fuzzer {
    public func makeCase(seed: UInt64, _ number: Int) -> FuzzCase {
        var random = Seeded(seed: seed, caseNumber: number)
        return makeCase(&random)
    }
}

public struct FuzzCase {
    /// How the name of its file ends: `sql`, `csv.gz`.
    public var ending: String
    public var bytes: [UInt8]
    /// What else belongs to the case: a table's columns and properties.
    public var notes: [String]
    /// Runs the case; true when the input was taken rather than refused.
    public var run: () throws -> Bool

    public init(ending: String, bytes: [UInt8], notes: [String] = [], run: @escaping () throws -> Bool) {
        self.ending = ending
        self.bytes = bytes
        self.notes = notes
        self.run = run
    }
}

/// Something that must hold of every case does not.
public struct FuzzFailure: Error, CustomStringConvertible {
    public var description: String

    public init(_ description: String) { self.description = description }
}

/// The fuzzers by name.
public enum FuzzerKind: String, CaseIterable, Sendable {
    case sql, parquet, csv, json

    /// - Parameters:
    ///   - repository: the folder of `testdata` and `grammar`.
    ///   - corpus: a folder of seeds in place of the repository's.
    public func fuzzer(repository: String, corpus: String?) throws -> any Fuzzer {
        switch self {
        case .sql: try SQLFuzzer(repository: repository, corpus: corpus ?? repository + "/testdata/slt")
        case .parquet: try ParquetFuzzer(corpus: corpus ?? repository + "/testdata/parquet")
        case .csv: DelimitedFuzzer(seeds: try corpus.map { try Corpus.files($0) } ?? [])
        case .json: JSONFuzzer(seeds: try corpus.map { try Corpus.files($0) } ?? [])
        }
    }
}

extension Fuzzer {
    /// Runs cases in this process. Returns how many were taken.
    ///
    /// - Throws: `FuzzFailure` that names the seed and the case.
    public func run(seed: UInt64, cases: Range<Int>) throws -> Int {
        var taken = 0
        for number in cases {
            do {
                taken += try makeCase(seed: seed, number).run() ? 1 : 0
            } catch let failure as FuzzFailure {
                throw FuzzFailure("case \(number) of seed \(seed): \(failure)")
            } catch is QueryError {
                // A refusal in words is a right outcome.
            }
        }
        return taken
    }
}
