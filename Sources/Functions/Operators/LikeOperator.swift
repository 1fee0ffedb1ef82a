import CKernels
import Columnar
import SQLTypes

/// `$like(value, pattern [, escape])`: `%` is any text, `_` one character.
///
/// A constant pattern is taken apart once: literal prefix, suffix, contained texts and plain equality need no matching
/// by character (`abc%`, `%abc`, `%abc%`, `%a%b%`).
enum LikeOperator {
    static let scalars: [ScalarFunction] = ["varchar", "char"].flatMap { type in
        [
            ScalarFunction(
                "$like", Signature("(\(type), varchar) -> boolean"), summary: "LIKE", isHidden: true,
                examples: [
                    FunctionExample("'abc' LIKE 'a%'", "true"), FunctionExample("NULL LIKE 'a'", "NULL"),
                    FunctionExample("'' LIKE '%'", "true"),
                ]
            ) { _ in { call in try like(call, escape: nil) } },
            ScalarFunction(
                "$like", Signature("(\(type), varchar, varchar) -> boolean"), summary: "LIKE ... ESCAPE",
                cannotRaise: false, isHidden: true,
                examples: [
                    FunctionExample("'a%' LIKE 'a#%' ESCAPE '#'", "true"),
                    FunctionExample("'a' LIKE 'a#' ESCAPE '#'", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { _ in { call in try like(call, escape: call.arguments[2]) } },
        ]
    }

    private static func like(_ call: borrowing KernelCall, escape: Vector?) throws -> Vector {
        let text = call.arguments[0]
        let pattern = call.arguments[1]
        let width = paddedLength(text.type)
        if pattern.isConstant, escape?.isConstant ?? true {
            if pattern.isNull(0) || escape?.isNull(0) == true {
                return Vector.constant(.null, .boolean, count: call.rows.count)
            }
            let compiled = try LikePattern(
                bytes(pattern, 0), escape: try escape.map { try LikePattern.escape(bytes($0, 0)) } ?? nil)
            return match(text, call.rows, compiled, width)
        }
        let builder = FlatBuilder(.boolean, capacity: call.rows.count)
        builder.zero()
        let target = builder.pointer(as: UInt8.self)
        try call.rows.forEach { row in
            guard !text.isNull(row), !pattern.isNull(row), escape?.isNull(row) != true else {
                return builder.setNull(row)
            }
            let compiled = try LikePattern(
                bytes(pattern, row), escape: try escape.map { try LikePattern.escape(bytes($0, row)) } ?? nil)
            let view = text.pointer(as: StringView.self)[text.position(row)]
            target[row] = view.withBytes { matches($0, compiled, width) } ? 1 : 0
        }
        return builder.finish(count: call.rows.count)
    }

    private static func match(_ text: Vector, _ rows: Rows, _ pattern: LikePattern, _ width: Int) -> Vector {
        if width > 0 {
            return Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) { view in
                view.withBytes { matches($0, pattern, width) } ? 1 : 0
            }
        }
        // The form is looked at once, so that each loop is plain.
        switch pattern.form {
        case .equal(let literal):
            return withView(literal) { wanted in
                Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) {
                    unsafeBitCast($0 == wanted, to: UInt8.self)
                }
            }
        case .prefix(let literal):
            return literal.withUnsafeBufferPointer { needle in
                Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) { view in
                    view.count < needle.count ? 0 : view.withBytes { LikePattern.hasPrefix($0, needle) } ? 1 : 0
                }
            }
        case .suffix(let literal):
            return literal.withUnsafeBufferPointer { needle in
                Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) { view in
                    view.count < needle.count ? 0 : view.withBytes { LikePattern.hasSuffix($0, needle) } ? 1 : 0
                }
            }
        case .pieces(let pieces):
            return pieces.withMatcher { matcher in
                Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) { view in
                    view.withBytes { matcher.matches($0) } ? 1 : 0
                }
            }
        case .general:
            return Kernel.unary(text, rows, as: .boolean, StringView.self, UInt8.self) { view in
                view.withBytes { pattern.matches($0) } ? 1 : 0
            }
        }
    }

    private static func withView(_ literal: [UInt8], _ body: (StringView) -> Vector) -> Vector {
        literal.withUnsafeBufferPointer { bytes in
            body(bytes.baseAddress.map { StringView($0, bytes.count) } ?? StringView())
        }
    }

    /// A char value matches with its padding.
    private static func matches(_ bytes: UnsafeBufferPointer<UInt8>, _ pattern: LikePattern, _ width: Int) -> Bool {
        let missing = width - UTF8Text.characterCount(bytes)
        guard missing > 0 else { return pattern.matches(bytes) }
        let padded = Array(bytes) + Array(repeating: 32, count: missing)
        return padded.withUnsafeBufferPointer { pattern.matches($0) }
    }

    private static func paddedLength(_ type: DataType) -> Int {
        if case .char(let length) = type { return length }
        return 0
    }

    private static func bytes(_ vector: Vector, _ row: Int) -> [UInt8] {
        vector.pointer(as: StringView.self)[vector.position(row)].withBytes { Array($0) }
    }
}

/// A LIKE pattern taken apart.
struct LikePattern {
    enum Form {
        case equal([UInt8])
        case prefix([UInt8])
        case suffix([UInt8])
        case pieces(LikePieces)
        /// With `_`.
        case general
    }

    private enum Step {
        case literal(UInt8)
        case anyCharacter
        case anyText
    }

    let form: Form
    private let steps: [Step]

    /// Raises INVALID_FUNCTION_ARGUMENT for a misused escape.
    init(_ pattern: [UInt8], escape: [UInt8]?) throws {
        var steps: [Step] = []
        var index = 0
        while index < pattern.count {
            if let escape, pattern[index...].starts(with: escape) {
                index += escape.count
                guard index < pattern.count,
                    pattern[index] == UInt8(ascii: "%") || pattern[index] == UInt8(ascii: "_")
                        || pattern[index...].starts(with: escape)
                else {
                    throw QueryError(
                        .invalidFunctionArgument,
                        "Escape character must be followed by '%', '_' or the escape character itself")
                }
                let count = pattern[index...].starts(with: escape) ? escape.count : 1
                for byte in pattern[index..<index + count] { steps.append(.literal(byte)) }
                index += count
                continue
            }
            switch pattern[index] {
            case UInt8(ascii: "%"):
                if case .anyText? = steps.last {} else { steps.append(.anyText) }
            case UInt8(ascii: "_"): steps.append(.anyCharacter)
            default: steps.append(.literal(pattern[index]))
            }
            index += 1
        }
        self.steps = steps
        form = Self.form(of: steps)
    }

    /// The escape character: one code point, none when empty.
    static func escape(_ bytes: [UInt8]) throws -> [UInt8]? {
        if bytes.isEmpty { return nil }
        guard bytes.withUnsafeBufferPointer({ UTF8Text.characterCount($0) }) == 1 else {
            throw QueryError(.invalidFunctionArgument, "Escape string must be a single character")
        }
        return bytes
    }

    private static func form(of steps: [Step]) -> Form {
        var pieces: [[UInt8]] = [[]]
        for step in steps {
            switch step {
            case .literal(let byte): pieces[pieces.count - 1].append(byte)
            case .anyText: pieces.append([])
            case .anyCharacter: return .general
            }
        }
        switch pieces.count {
        case 1: return .equal(pieces[0])
        case 2 where pieces[1].isEmpty: return .prefix(pieces[0])
        case 2 where pieces[0].isEmpty: return .suffix(pieces[1])
        default: return .pieces(LikePieces(pieces))
        }
    }

    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        switch form {
        case .equal(let literal): return text.elementsEqual(literal)
        case .prefix(let literal): return literal.withUnsafeBufferPointer { Self.hasPrefix(text, $0) }
        case .suffix(let literal): return literal.withUnsafeBufferPointer { Self.hasSuffix(text, $0) }
        case .pieces(let pieces): return pieces.withMatcher { $0.matches(text) }
        case .general: return matchesSteps(text)
        }
    }

    @inline(__always)
    static func hasPrefix(_ text: UnsafeBufferPointer<UInt8>, _ needle: UnsafeBufferPointer<UInt8>) -> Bool {
        guard needle.count > 0, let start = text.baseAddress, let wanted = needle.baseAddress else {
            return needle.isEmpty
        }
        return text.count >= needle.count && memcmp(start, wanted, needle.count) == 0
    }

    @inline(__always)
    static func hasSuffix(_ text: UnsafeBufferPointer<UInt8>, _ needle: UnsafeBufferPointer<UInt8>) -> Bool {
        guard needle.count > 0, let start = text.baseAddress, let wanted = needle.baseAddress else {
            return needle.isEmpty
        }
        return text.count >= needle.count && memcmp(start + (text.count - needle.count), wanted, needle.count) == 0
    }

    /// Greedy matching with one place to come back to: the last `%`.
    private func matchesSteps(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var place = 0
        var step = 0
        var retryStep = -1
        var retryPlace = 0
        while place < text.count {
            if step < steps.count {
                switch steps[step] {
                case .literal(let byte):
                    if text[place] == byte {
                        place += 1
                        step += 1
                        continue
                    }
                case .anyCharacter:
                    place = Self.next(text, place)
                    step += 1
                    continue
                case .anyText:
                    retryStep = step + 1
                    retryPlace = place
                    step += 1
                    continue
                }
            }
            guard retryStep >= 0 else { return false }
            retryPlace = Self.next(text, retryPlace)
            place = retryPlace
            step = retryStep
        }
        while step < steps.count, case .anyText = steps[step] { step += 1 }
        return step == steps.count
    }

    /// The place after the code point at `place`.
    private static func next(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        var next = place + 1
        while next < text.count, text[next] & 0xc0 == 0x80 { next += 1 }
        return next
    }
}
