import Columnar
import SQLTypes

/// A path of members and elements, as `json_extract` and its kin take it: `$.a[0]["b"]`.
struct JSONPath {
    enum Step {
        /// The name's bytes.
        case member([UInt8])
        case element(Int)
    }

    private(set) var steps: [Step] = []

    init(steps: [Step]) { self.steps = steps }

    /// - Throws: INVALID_FUNCTION_ARGUMENT for what is not `$`, `.name`, `[name]`, `["name"]` or `[n]`.
    init(_ text: String) throws {
        func invalid() -> QueryError { QueryError(.invalidFunctionArgument, "Invalid JSON path: '\(text)'") }
        var rest = text[...]
        guard rest.popFirst() == "$" else { throw invalid() }
        while let first = rest.popFirst() {
            if first == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { throw invalid() }
                steps.append(.member(Array(name.utf8)))
                rest = rest.dropFirst(name.count)
            } else if first == "[" {
                if rest.first == "\"" {
                    rest.removeFirst()
                    guard let end = rest.firstIndex(of: "\"") else { throw invalid() }
                    steps.append(.member(Array(rest[..<end].utf8)))
                    rest = rest[rest.index(after: end)...]
                } else {
                    // `[3]` is an element, `[name]` a member.
                    let word = rest.prefix { $0 != "]" }
                    guard !word.isEmpty, word != "*" else { throw invalid() }
                    if let index = Int(word) {
                        guard index >= 0 else { throw invalid() }
                        steps.append(.element(index))
                    } else {
                        steps.append(.member(Array(word.utf8)))
                    }
                    rest = rest.dropFirst(word.count)
                }
                guard rest.popFirst() == "]" else { throw invalid() }
            } else {
                throw invalid()
            }
        }
    }

    func find(_ value: JSONValue) -> JSONValue? {
        var current = value
        for step in steps {
            switch step {
            case .member(let name):
                guard case .object(let members) = current,
                    let next = members.last(where: { $0.key.utf8.elementsEqual(name) })
                else { return nil }
                current = next.value
            case .element(let index):
                guard let items = current.arrayValue, items.indices.contains(index) else { return nil }
                current = items[index]
            }
        }
        return current
    }

    /// The value in a text, nil for none.
    func find(_ text: UnsafeBufferPointer<UInt8>) -> Found? {
        switch JSONScanner.find(text, self) {
        case .missing: nil
        case .found(let range): .bytes(UnsafeBufferPointer(rebasing: text[range]))
        case .unsure: (try? JSONValue.parse(bytes: Array(text))).flatMap(find).map { .tree($0) }
        }
    }

    /// A value that a path found: bytes of the text, or a tree where the text had to be taken apart.
    enum Found {
        case bytes(UnsafeBufferPointer<UInt8>)
        case tree(JSONValue)

        private var hasEscapes: Bool {
            if case .bytes(let bytes) = self { bytes.contains(UInt8(ascii: "\\")) } else { true }
        }

        var value: JSONValue? {
            switch self {
            case .bytes(let bytes): try? JSONValue.parse(bytes: Array(bytes))
            case .tree(let value): value
            }
        }

        /// The value as JSON text without blanks.
        func text(_ heap: StringHeap) -> StringView? {
            guard case .bytes(let bytes) = self, let first = bytes.first, !hasEscapes else {
                return value.map { heap.append($0.text) }
            }
            guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return heap.append(bytes) }
            var out: [UInt8] = []
            out.reserveCapacity(bytes.count)
            var isInString = false
            for byte in bytes {
                if byte == UInt8(ascii: "\"") { isInString.toggle() }
                if isInString || !JSONText.isBlank(byte) { out.append(byte) }
            }
            return heap.append(out)
        }

        /// A scalar as a text; nil for null, arrays and objects.
        func scalar(_ heap: StringHeap) -> StringView? {
            guard case .bytes(let bytes) = self, let first = bytes.first else { return scalarOfTree(heap) }
            switch first {
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "n"): return nil
            case UInt8(ascii: "\""):
                return hasEscapes ? scalarOfTree(heap) : heap.append(CodePoints.slice(bytes, 1..<bytes.count - 1))
            default: return heap.append(bytes)
            }
        }

        private func scalarOfTree(_ heap: StringHeap) -> StringView? {
            switch value {
            case .string(let text): heap.append(text)
            case .number(let text): heap.append(text)
            case .bool(let flag): heap.append(flag ? "true" : "false")
            case .null, .array, .object, nil: nil
            }
        }
    }
}

/// The last path of a call, taken apart.
final class JSONPathCache {
    private var text: [UInt8] = []
    private var path: JSONPath?

    func path(_ view: VectorView, _ row: Int) throws -> JSONPath {
        try view.withText(row) { wanted in
            if let path, wanted.elementsEqual(text) { return path }
            let made = try JSONPath(String(decoding: wanted, as: UTF8.self))
            text = Array(wanted)
            path = made
            return made
        }
    }
}
