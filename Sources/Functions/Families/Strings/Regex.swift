import CPCRE2
import Columnar
import SQLTypes

/// A compiled pattern of Java's syntax, run by PCRE2 with its just-in-time compiler, under match and depth limits.
final class Regex {
    private let code: OpaquePointer
    private let matchData: OpaquePointer
    private let matchContext: OpaquePointer
    let groupCount: Int
    private let names: [String: Int]

    /// Steps after which a match is given up: patterns that backtrack without end are an error, not a hang.
    private static let matchLimit: UInt32 = 10_000_000
    private static let depthLimit: UInt32 = 100_000

    /// - Throws: INVALID_FUNCTION_ARGUMENT with PCRE2's sentence.
    init(_ pattern: [UInt8]) throws {
        var errorCode: Int32 = 0
        var errorOffset = 0
        let options = UInt32(PCRE2_UTF) | UInt32(PCRE2_ALT_BSUX) | UInt32(PCRE2_MATCH_INVALID_UTF)
        guard let code = pcre2_compile_8(pattern, pattern.count, options, &errorCode, &errorOffset, nil) else {
            var message = [UInt8](repeating: 0, count: 256)
            pcre2_get_error_message_8(errorCode, &message, message.count)
            let text = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
            throw QueryError(
                .invalidFunctionArgument,
                "Invalid regular expression '\(String(decoding: pattern, as: UTF8.self))': \(text) at position \(errorOffset + 1)"
            )
        }
        guard let matchData = pcre2_match_data_create_from_pattern_8(code, nil),
            let context = pcre2_match_context_create_8(nil)
        else {
            pcre2_code_free_8(code)
            throw QueryError(.genericInsufficientResources, "No memory for a regular expression")
        }
        self.code = code
        self.matchData = matchData
        matchContext = context
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        pcre2_set_match_limit_8(context, Self.matchLimit)
        pcre2_set_depth_limit_8(context, Self.depthLimit)
        var count: UInt32 = 0
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_CAPTURECOUNT), &count)
        groupCount = Int(count)
        names = Self.groupNames(code)
    }

    deinit {
        pcre2_match_context_free_8(matchContext)
        pcre2_match_data_free_8(matchData)
        pcre2_code_free_8(code)
    }

    private static func groupNames(_ code: OpaquePointer) -> [String: Int] {
        var count: UInt32 = 0
        var size: UInt32 = 0
        var table: UnsafePointer<UInt8>?
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size)
        pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table)
        guard let table else { return [:] }
        var names: [String: Int] = [:]
        for index in 0..<Int(count) {
            let entry = table + index * Int(size)
            names[String(cString: entry + 2)] = Int(entry[0]) << 8 | Int(entry[1])
        }
        return names
    }

    /// Whether there is a match at or after `start`; `group` then gives its parts.
    func find(_ text: UnsafeBufferPointer<UInt8>, from start: Int = 0) throws -> Bool {
        var empty: UInt8 = 0
        let result = withUnsafePointer(to: &empty) { nothing in
            pcre2_match_8(code, text.baseAddress ?? nothing, text.count, start, 0, matchData, matchContext)
        }
        if result >= 0 { return true }
        if result == PCRE2_ERROR_NOMATCH { return false }
        throw QueryError(
            .invalidFunctionArgument, "The regular expression takes too many steps on a value: simplify it")
    }

    /// Bytes of a group of the last match (0: all of it); nil when it took no part.
    func group(_ number: Int) -> Range<Int>? {
        guard number <= groupCount, let ends = pcre2_get_ovector_pointer_8(matchData) else { return nil }
        let start = ends[2 * number]
        guard start != Int.max, start != -1 else { return nil }
        let end = ends[2 * number + 1]
        return start <= end ? Int(start)..<Int(end) : Int(start)..<Int(start)
    }

    /// Calls `body` after each match, in order, until it returns false.
    func forEachMatch(_ text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) throws -> Bool) throws {
        var start = 0
        while start <= text.count, try find(text, from: start), let range = group(0) {
            guard try body(range) else { return }
            if range.isEmpty {
                start = range.upperBound + 1
                while start < text.count, CodePoints.isContinuation(text[start]) { start += 1 }
            } else {
                start = range.upperBound
            }
        }
    }

    /// A replacement of Java's form: `$1`, `${name}`, `\` escapes.
    func expand(_ replacement: [UInt8], _ text: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) throws {
        var index = 0
        while index < replacement.count {
            let byte = replacement[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                guard index < replacement.count else {
                    throw QueryError(
                        .invalidFunctionArgument, "Illegal replacement sequence: character to be escaped is missing")
                }
                out.append(replacement[index])
                index += 1
            } else if byte == UInt8(ascii: "$") {
                let number = try groupNumber(replacement, &index)
                if let range = group(number) { out.append(contentsOf: text[range]) }
            } else {
                out.append(byte)
            }
        }
    }

    private func groupNumber(_ replacement: [UInt8], _ index: inout Int) throws -> Int {
        if index < replacement.count, replacement[index] == UInt8(ascii: "{") {
            guard let end = replacement[index...].firstIndex(of: UInt8(ascii: "}")) else {
                throw QueryError(.invalidFunctionArgument, "Illegal replacement sequence: missing '}'")
            }
            let name = String(decoding: replacement[(index + 1)..<end], as: UTF8.self)
            index = end + 1
            guard let number = names[name] else {
                throw QueryError(.invalidFunctionArgument, "Illegal replacement sequence: unknown group { \(name) }")
            }
            return number
        }
        var number: Int?
        while index < replacement.count, replacement[index] >= 0x30, replacement[index] <= 0x39 {
            let next = (number ?? 0) * 10 + Int(replacement[index] - 0x30)
            // As Java: digits are taken while the group exists.
            if number != nil, next > groupCount { break }
            number = next
            index += 1
        }
        guard let number else {
            throw QueryError(.invalidFunctionArgument, "Illegal replacement sequence: illegal group reference")
        }
        guard number <= groupCount else {
            throw QueryError(.invalidFunctionArgument, "Illegal replacement sequence: unknown group \(number)")
        }
        return number
    }
}

/// The last pattern of a call, compiled: constant patterns are compiled once.
final class RegexCache {
    private var pattern: [UInt8]?
    private var regex: Regex?

    func regex(_ view: VectorView, _ row: Int) throws -> Regex {
        if let regex, let pattern, view.withText(row, { $0.elementsEqual(pattern) }) { return regex }
        let bytes = view.bytes(row)
        let made = try Regex(bytes)
        pattern = bytes
        regex = made
        return made
    }
}
