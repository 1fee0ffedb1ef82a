/// A path pattern in Glue's syntax.
///
/// ```
/// *        within one name        **       across folders        ?        one character of a name
/// [a-c]    a set, [!...] negated  {a,b}    alternatives          \x       x itself
/// ```
/// Alternatives do not nest; in a set `*`, `?` and `\` stand for themselves, and `-` does at its start.
public struct GlobPattern: Hashable, Sendable {
    private enum Node: Hashable {
        case scalar(Unicode.Scalar)
        case one
        case star
        case doubleStar
        case set([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    }

    /// The pattern with its alternatives multiplied out.
    private let branches: [[Node]]
    /// Past this many, a brace is a character like others.
    private static let branchLimit = 4096

    public init(_ text: String) {
        var scalars = Array(text.unicodeScalars)[...]
        var branches: [[Node]] = [[]]
        while !scalars.isEmpty {
            branches = Self.append(Self.parseSequence(&scalars, insideBraces: false), to: branches)
            guard let brace = scalars.popFirst() else { break }
            guard scalars.contains("}"), branches.count * scalars.count(where: { $0 == "," }) < Self.branchLimit else {
                branches = Self.append([.scalar(brace)], to: branches)
                continue
            }
            var choices: [[Node]] = []
            repeat { choices.append(Self.parseSequence(&scalars, insideBraces: true)) } while scalars.popFirst() == ","
            branches = choices.flatMap { Self.append($0, to: branches) }
        }
        self.branches = branches
    }

    /// The only path that matches, when there is only one.
    var literal: String? {
        guard branches.count == 1 else { return nil }
        var text = ""
        for node in branches[0] {
            guard case .scalar(let scalar) = node else { return nil }
            text.unicodeScalars.append(scalar)
        }
        return text
    }

    public func matches(_ path: String) -> Bool {
        let scalars = Array(path.unicodeScalars)
        return branches.contains { Self.matches($0, scalars) }
    }

    /// A pattern that matches `path` alone.
    public static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if "\\*?[]{}".contains(character) { text.append("\\") }
            text.append(character)
        }
    }

    private static func append(_ nodes: [Node], to branches: [[Node]]) -> [[Node]] { branches.map { $0 + nodes } }

    /// Up to a brace that opens, or inside braces up to a comma or the brace that closes.
    private static func parseSequence(_ scalars: inout ArraySlice<Unicode.Scalar>, insideBraces: Bool) -> [Node] {
        var nodes: [Node] = []
        while let scalar = scalars.first {
            if insideBraces ? scalar == "," || scalar == "}" : scalar == "{" { break }
            scalars.removeFirst()
            switch scalar {
            case "\\": nodes.append(.scalar(scalars.popFirst() ?? scalar))
            case "?": nodes.append(.one)
            case "*":
                if scalars.first == "*" {
                    scalars.removeFirst()
                    nodes.append(.doubleStar)
                } else {
                    nodes.append(.star)
                }
            case "[" where scalars.contains("]"): nodes.append(parseSet(&scalars))
            default: nodes.append(.scalar(scalar))
            }
        }
        return nodes
    }

    private static func parseSet(_ scalars: inout ArraySlice<Unicode.Scalar>) -> Node {
        let isNegated = scalars.first == "!"
        if isNegated { scalars.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        var isFirst = true
        while let low = scalars.popFirst() {
            if low == "]", !isFirst { break }
            isFirst = false
            if scalars.first == "-", scalars.count > 1, scalars[scalars.startIndex + 1] != "]" {
                scalars.removeFirst()
                let high = scalars.removeFirst()
                if low <= high { ranges.append(low...high) }
            } else {
                ranges.append(low...low)
            }
        }
        return .set(ranges, isNegated: isNegated)
    }

    /// Follows all readings of the pattern at once, so that no pattern takes long.
    private static func matches(_ nodes: [Node], _ text: [Unicode.Scalar]) -> Bool {
        var isAt = [Bool](repeating: false, count: nodes.count + 1)
        isAt[0] = true
        stepOverStars(nodes, &isAt)
        for scalar in text {
            var next = [Bool](repeating: false, count: nodes.count + 1)
            var isAlive = false
            for (index, node) in nodes.enumerated() where isAt[index] {
                switch node {
                case .scalar(let wanted): next[index + 1] = next[index + 1] || scalar == wanted
                case .one: next[index + 1] = next[index + 1] || scalar != "/"
                case .set(let ranges, let isNegated):
                    let isIn = ranges.contains { $0.contains(scalar) }
                    next[index + 1] = next[index + 1] || (scalar != "/" && isIn != isNegated)
                case .star: next[index] = next[index] || scalar != "/"
                case .doubleStar: next[index] = true
                }
                isAlive = isAlive || next[index] || next[index + 1]
            }
            guard isAlive else { return false }
            stepOverStars(nodes, &next)
            isAt = next
        }
        return isAt[nodes.count]
    }

    private static func stepOverStars(_ nodes: [Node], _ isAt: inout [Bool]) {
        for (index, node) in nodes.enumerated() where isAt[index] && (node == .star || node == .doubleStar) {
            isAt[index + 1] = true
        }
    }
}
