import Planning
import SQLTypes
import Testing

@Suite struct WindowTests {
    @Test("Window functions over random partitions and frames", arguments: 0..<20)
    func agreesWithDefinition(part: Int) throws {
        for seed in part * 50..<(part + 1) * 50 {
            let difference = try checkRandomWindow(seed: UInt64(seed))
            #expect(difference == nil, "\(difference ?? "")")
        }
    }
}
