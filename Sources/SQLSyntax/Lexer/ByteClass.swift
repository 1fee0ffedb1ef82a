/// What a byte can begin.
enum ByteClass: UInt8 {
    case other, blank, letter, digit, quote, symbol

    static let table = ByteClassTable()
}

/// The class of every byte, in memory that is written once.
///
/// - Note: `@unchecked Sendable` is right because the memory is written in `init` alone.
final class ByteClassTable: @unchecked Sendable {
    private let classes: UnsafeMutablePointer<ByteClass>

    init() {
        classes = .allocate(capacity: 256)
        classes.initialize(repeating: .other, count: 256)
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            classes[Int(byte)] = .letter
            classes[Int(byte & 0xDF)] = .letter
        }
        classes[Int(UInt8(ascii: "_"))] = .letter
        for byte in UInt8(ascii: "0")...UInt8(ascii: "9") { classes[Int(byte)] = .digit }
        for byte in "'\"`".utf8 { classes[Int(byte)] = .quote }
        for byte in " \t\r\n".utf8 { classes[Int(byte)] = .blank }
        for byte in ".,()[]{}=!<>+-*/%|?;:^$".utf8 { classes[Int(byte)] = .symbol }
    }

    deinit { classes.deallocate() }

    @inline(__always)
    subscript(_ byte: UInt8) -> ByteClass { classes[Int(byte)] }

    /// A letter, a digit or an underscore.
    @inline(__always)
    func isWord(_ byte: UInt8) -> Bool {
        let kind = classes[Int(byte)]
        return kind == .letter || kind == .digit
    }
}
