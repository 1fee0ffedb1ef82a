import Fuzzing
import Testing

/// A short run of every fuzzer, always the same cases.
@Suite struct FuzzingTests {
    private static let repository: String = {
        let parts = #filePath.split(separator: "/")
        return "/" + parts.dropLast(3).joined(separator: "/")
    }()

    @Test(arguments: [(FuzzerKind.sql, 1_500), (.parquet, 1_000), (.csv, 2_000), (.json, 2_000)])
    func casesEndInAnAnswerOrAnError(_ kind: FuzzerKind, _ count: Int) throws {
        let fuzzer = try kind.fuzzer(repository: Self.repository, corpus: nil)
        let taken = try fuzzer.run(seed: 2026, cases: 0..<count)
        #expect(taken > count / 10, "most cases are refused early: they test little")
    }

    @Test func aSeedAndANumberMakeTheSameCase() throws {
        for kind in FuzzerKind.allCases {
            let first = try kind.fuzzer(repository: Self.repository, corpus: nil)
            let second = try kind.fuzzer(repository: Self.repository, corpus: nil)
            for number in 0..<50 { #expect(first.made(number) == second.made(number)) }
        }
    }
}

extension Fuzzer {
    fileprivate func made(_ number: Int) -> [UInt8] { makeCase(seed: 3, number).bytes }
}
