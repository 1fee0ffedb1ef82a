import Expressions
import Planning
import SQLTypes
import Testing

@Suite struct UnnestTests {
    @Test("Arrays, maps and arrays of rows side by side, with ordinality and padding", arguments: [1, 3, 2048])
    func expandsSideBySide(batchRowCount: Int) throws {
        for keepsEmpty in [false, true] {
            let difference = try checkUnnest(batchRowCount: batchRowCount, keepsEmpty: keepsEmpty)
            #expect(difference == nil, "\(difference ?? "")")
        }
    }
}
