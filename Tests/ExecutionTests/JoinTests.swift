import Testing

@Suite struct JoinTests {
    @Test("Every kind of join over random rows", arguments: 0..<20)
    func agreesWithAllPairs(part: Int) throws {
        for seed in part * 40..<(part + 1) * 40 {
            let difference = try checkRandomJoin(seed: UInt64(seed))
            #expect(difference == nil, "\(difference ?? "")")
        }
    }
}
