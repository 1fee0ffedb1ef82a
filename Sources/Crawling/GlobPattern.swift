/// An exclusion pattern in Glue's syntax, matched against paths relative to the include path.
///
/// ```
/// *        within one name        **       across folders        ?        one character
/// [a-c]    a set, [!...] negated  {a,b}    alternatives          \x       x itself
/// ```
struct GlobPattern {
    private indirect enum Node {
        case byte(UInt8)
        case one
        case star
        case doubleStar
        case set([ClosedRange<UInt8>], isNegated: Bool)
        case choice([[Node]])
    }

    private let nodes: [Node]

    init(_ text: String) {
        var bytes = Array(text.utf8)[...]
        nodes = Self.parse(&bytes, insideBraces: false)
    }

    func matches(_ path: String) -> Bool { Self.match(nodes[...], Array(path.utf8)[...]) }

    private static func parse(_ bytes: inout ArraySlice<UInt8>, insideBraces: Bool) -> [Node] {
        var nodes: [Node] = []
        while let byte = bytes.first {
            if insideBraces, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") { break }
            bytes.removeFirst()
            switch byte {
            case UInt8(ascii: "\\"):
                if let next = bytes.popFirst() { nodes.append(.byte(next)) }
            case UInt8(ascii: "?"): nodes.append(.one)
            case UInt8(ascii: "*"):
                if bytes.first == byte {
                    bytes.removeFirst()
                    nodes.append(.doubleStar)
                } else {
                    nodes.append(.star)
                }
            case UInt8(ascii: "["): nodes.append(parseSet(&bytes))
            case UInt8(ascii: "{") where !insideBraces:
                var choices = [parse(&bytes, insideBraces: true)]
                while bytes.first == UInt8(ascii: ",") {
                    bytes.removeFirst()
                    choices.append(parse(&bytes, insideBraces: true))
                }
                _ = bytes.popFirst()
                nodes.append(.choice(choices))
            default: nodes.append(.byte(byte))
            }
        }
        return nodes
    }

    private static func parseSet(_ bytes: inout ArraySlice<UInt8>) -> Node {
        var isNegated = false
        if bytes.first == UInt8(ascii: "!") {
            isNegated = true
            bytes.removeFirst()
        }
        var ranges: [ClosedRange<UInt8>] = []
        var isFirst = true
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if bytes.first == UInt8(ascii: "-"), bytes.count > 1, bytes[bytes.startIndex + 1] != UInt8(ascii: "]") {
                bytes.removeFirst()
                let high = bytes.removeFirst()
                if byte <= high { ranges.append(byte...high) }
            } else {
                ranges.append(byte...byte)
            }
        }
        return .set(ranges, isNegated: isNegated)
    }

    private static func match(_ nodes: ArraySlice<Node>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let node = nodes.first else { return text.isEmpty }
        let rest = nodes.dropFirst()
        switch node {
        case .byte(let byte): return text.first == byte && match(rest, text.dropFirst())
        case .one: return text.first != nil && text.first != UInt8(ascii: "/") && match(rest, text.dropFirst())
        case .set(let ranges, let isNegated):
            guard let byte = text.first, byte != UInt8(ascii: "/") else { return false }
            return ranges.contains { $0.contains(byte) } != isNegated && match(rest, text.dropFirst())
        case .star, .doubleStar:
            var crossesFolders = false
            if case .doubleStar = node { crossesFolders = true }
            var remaining = text
            while true {
                if match(rest, remaining) { return true }
                guard let byte = remaining.popFirst(), crossesFolders || byte != UInt8(ascii: "/") else { return false }
            }
        case .choice(let choices): return choices.contains { match(($0 + rest)[...], text) }
        }
    }
}
