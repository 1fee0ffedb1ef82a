import CKernels
import SQLTypes

/// What a level of nesting saves while it is parsed.
struct DepthFrame {
    var tallest: Int
    var chain: Int
}

/// Bounds both the recursion of the parser and the height of the tree it builds.
///
/// `depth` counts open levels. A level's height is that of its tallest child plus the links of its own left-deep
/// chains (`chain`: arithmetic, dereferences, joins, signs) plus one, which is never less than the true height. Freeing
/// and walking a tree recurse once per level, so both are held to `Limits.depth`.
extension Parser {
    @inline(__always)
    mutating func enter() throws(QueryError) -> DepthFrame {
        let frame = DepthFrame(tallest: tallest, chain: chain)
        tallest = 0
        chain = 0
        depth &+= 1
        if depth & 31 == 0 { try checkStack() }
        return frame
    }

    @inline(__always)
    mutating func leave(_ frame: DepthFrame) throws(QueryError) {
        let height = tallest &+ chain &+ 1
        if height > Limits.depth { throw tooDeep() }
        tallest = max(frame.tallest, height)
        chain = frame.chain
        depth &-= 1
    }

    /// Counts one more link of a left-deep chain.
    @inline(__always)
    mutating func link() throws(QueryError) {
        chain &+= 1
        if chain > Limits.depth { throw tooDeep() }
    }

    private func tooDeep() -> QueryError {
        failure("The statement is nested too deeply (more than \(Limits.depth) levels)")
    }

    @inline(never)
    private mutating func checkStack() throws(QueryError) {
        if depth > Limits.depth { throw tooDeep() }
        if stackFloor == 0 { stackFloor = Self.findStackFloor() }
        var marker: UInt8 = 0
        let here = withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
        if here < stackFloor { throw failure("The statement is nested too deeply for this thread's stack") }
    }

    /// The lowest address that parsing may use: a part of the stack is left for what follows.
    private static func findStackFloor() -> UInt {
        var lowest: UInt = 0
        var size = 0
        guard ck_stack_bounds(&lowest, &size) == 1 else { return 1 }
        // Room for 32 more levels between two checks, in an unoptimised build.
        return lowest + UInt(min(size / 4, 1 << 20))
    }
}
