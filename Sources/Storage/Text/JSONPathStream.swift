import SQLTypes

/// A path to the records of JSON documents, as Glue's JSON classifiers have it: `$`, `$[*]`, `$.data.items[*]`,
/// `$['key'][0]`, `$.*`.
public struct JSONPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case key([UInt8])
        case index(Int)
        case all
    }

    public let text: String
    let steps: [Step]

    /// - Throws: INVALID_TABLE_PROPERTY for a text that is none.
    public init(_ text: String) throws {
        func fail(_ what: String) -> QueryError {
            QueryError(
                .invalidTableProperty, "\(what) in the JSON path '\(text)': it takes $, .key, ['key'], [n] and *")
        }
        var bytes = Array(text.utf8)[...]
        guard bytes.popFirst() == UInt8(ascii: "$") else { throw fail("No $ at the start") }
        var steps: [Step] = []
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."):
                let name = bytes.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                guard !name.isEmpty else { throw fail("An empty key") }
                bytes.removeFirst(name.count)
                steps.append(name.elementsEqual("*".utf8) ? .all : .key(Array(name)))
            case UInt8(ascii: "["):
                guard let quote = bytes.first else { throw fail("An open bracket") }
                if quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
                    bytes.removeFirst()
                    let name = bytes.prefix { $0 != quote }
                    bytes.removeFirst(name.count)
                    guard bytes.popFirst() == quote, bytes.popFirst() == UInt8(ascii: "]") else {
                        throw fail("An open bracket")
                    }
                    steps.append(.key(Array(name)))
                    continue
                }
                let inner = bytes.prefix { $0 != UInt8(ascii: "]") }
                bytes.removeFirst(inner.count)
                guard bytes.popFirst() != nil else { throw fail("An open bracket") }
                let word = String(decoding: inner, as: UTF8.self)
                if word == "*" {
                    steps.append(.all)
                } else if let index = Int(word), index >= 0 {
                    steps.append(.index(index))
                } else {
                    throw fail("'\(word)' in brackets")
                }
            default: throw fail("'\(String(decoding: [byte], as: UTF8.self))'")
            }
        }
        self.text = text
        self.steps = steps
    }
}

/// The values of JSON documents that a path leads to, one after the other, each ended by a line feed. Everything else
/// of the documents is stepped over; nothing but the path to the place at hand is kept.
///
/// ```
/// {"meta": {"n": 2}, "items": [{"a": 1}, {"a": 2}]}    $.items[*]    ==>   {"a": 1} / {"a": 2}
/// ```
public final class JSONPathStream: ByteStream {
    private struct Container {
        var isArray: Bool
        var index = 0
        /// Steps that lead to it; negative off the path.
        var matched: Int
        var expectsKey: Bool
    }

    private let inner: any ByteStream
    private let steps: [JSONPath.Step]
    private var containers: [Container] = []
    private var key: [UInt8] = []
    private var isInString = false
    private var isKey = false
    private var isEscaped = false
    private var isInScalar = false
    /// Steps that lead to the value at hand.
    private var matched = -1
    /// How many containers are around the value that is copied.
    private var copyDepth: Int?
    private var isAtStart = true
    private var isAtEnd = false
    private var chunk = [UInt8](repeating: 0, count: 64 << 10)
    private var output: [UInt8] = []
    private var outputStart = 0

    public init(_ inner: any ByteStream, _ path: JSONPath) {
        self.inner = inner
        steps = path.steps
    }

    public var bytesRead: Int { inner.bytesRead }

    public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < target.count {
            if outputStart == output.count {
                if isAtEnd { break }
                try fill()
                continue
            }
            let count = min(target.count - done, output.count - outputStart)
            output.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[outputStart..<outputStart + count]))
            }
            done += count
            outputStart += count
        }
        return done
    }

    private func fill() throws {
        output.removeAll(keepingCapacity: true)
        outputStart = 0
        let count = try chunk.withUnsafeMutableBytes { try inner.read(into: $0) }
        var start = 0
        if isAtStart {
            isAtStart = false
            if count >= 3, chunk[0] == 0xef, chunk[1] == 0xbb, chunk[2] == 0xbf { start = 3 }
        }
        for index in start..<max(start, count) { take(chunk[index]) }
        if count < chunk.count {
            isAtEnd = true
            endScalar()
        }
    }

    private func take(_ byte: UInt8) {
        if isInString {
            if copyDepth != nil {
                output.append(byte)
            } else if isKey, byte != UInt8(ascii: "\"") || isEscaped {
                key.append(byte)
            }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
                if !isKey { endValue() }
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            isKey = containers.last.map { !$0.isArray && $0.expectsKey } ?? false
            if isKey { key.removeAll(keepingCapacity: true) } else { beginValue() }
            if copyDepth != nil { output.append(byte) }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            beginValue()
            if copyDepth != nil { output.append(byte) }
            let isArray = byte == UInt8(ascii: "[")
            containers.append(Container(isArray: isArray, matched: matched, expectsKey: !isArray))
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
            endScalar()
            if copyDepth != nil { output.append(byte) }
            _ = containers.popLast()
            endValue()
        case UInt8(ascii: ","):
            endScalar()
            if copyDepth != nil { output.append(byte) }
            guard let last = containers.indices.last else { return }
            containers[last].index += 1
            containers[last].expectsKey = !containers[last].isArray
        case UInt8(ascii: ":"):
            if copyDepth != nil { output.append(byte) }
            if let last = containers.indices.last { containers[last].expectsKey = false }
        case 0x20, 0x09, 0x0a, 0x0d:
            endScalar()
            if copyDepth != nil { output.append(0x20) }
        default:
            if !isInScalar {
                beginValue()
                isInScalar = true
            }
            if copyDepth != nil { output.append(byte) }
        }
    }

    private func beginValue() {
        guard copyDepth == nil else { return }
        matched = -1
        if let container = containers.last {
            if container.matched >= 0, container.matched < steps.count {
                let leads =
                    switch steps[container.matched] {
                    case .all: true
                    case .key(let name): !container.isArray && key == name
                    case .index(let index): container.isArray && container.index == index
                    }
                if leads { matched = container.matched + 1 }
            }
        } else {
            matched = 0
        }
        if matched == steps.count { copyDepth = containers.count }
    }

    private func endScalar() {
        guard isInScalar else { return }
        isInScalar = false
        endValue()
    }

    private func endValue() {
        guard copyDepth == containers.count else { return }
        output.append(0x0a)
        copyDepth = nil
    }
}
