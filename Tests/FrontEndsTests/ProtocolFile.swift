import SQLTypes

/// A conformance file of the line protocol (`testdata/protocol/README.md` describes the form): steps, each some lines
/// to send and the lines that must then come.
struct ProtocolFile {
    struct Expectation {
        var line: Int
        var json: JSONValue
        /// May change places with its neighbours that are also so.
        var isUnordered: Bool
    }

    struct Step {
        /// Whole lines, their ends included.
        var sent: [UInt8] = []
        var expected: [Expectation] = []
    }

    var steps: [Step] = [Step()]
    /// Arguments of `serve`, from `! --option` lines.
    var options: [String] = []

    init(_ text: String) throws {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = index + 1
            if line.isEmpty || line.hasPrefix("#") { continue }
            let content = String(line.dropFirst(2))
            switch line.prefix(2) {
            case "! ": options += content.split(separator: " ").map(String.init)
            case "> ", ">": send(Array(content.utf8) + [0x0a])
            case ">r": send(Array(content.utf8).dropFirst() + [0x0d, 0x0a])
            case ">x":
                let bytes = content.split(separator: " ").map { UInt8($0, radix: 16) }
                guard !bytes.contains(nil) else { throw ProgramError("line \(place): not hexadecimal") }
                send(bytes.compactMap { $0 } + [0x0a])
            case "< ", "<?":
                let text = line.hasPrefix("<?") ? String(content.dropFirst()) : content
                do {
                    steps[steps.count - 1].expected.append(
                        Expectation(line: place, json: try JSONValue.parse(text), isUnordered: line.hasPrefix("<?")))
                } catch {
                    throw ProgramError("line \(place): \(error)")
                }
            default: throw ProgramError("line \(place): a line begins with '> ', '>r ', '>x ', '< ', '<? ', '! ' or #")
            }
        }
    }

    private mutating func send(_ bytes: [UInt8]) {
        if !steps[steps.count - 1].expected.isEmpty { steps.append(Step()) }
        steps[steps.count - 1].sent += bytes
    }
}

/// Whether a line is what a file expects.
enum ProtocolMatch {
    /// Expected strings that stand for any value of a kind.
    static func matches(_ found: JSONValue, _ expected: JSONValue) -> Bool {
        switch expected {
        case .string("$any"): return true
        case .string("$number"): if case .number = found { return true } else { return false }
        case .string("$text"): return found.stringValue != nil
        case .string("$uuid"):
            guard let text = found.stringValue else { return false }
            return text.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12]
        case .string(let text) where text.hasPrefix("$contains "):
            return found.stringValue?.contains(String(text.dropFirst(10))) ?? false
        case .array(let items):
            guard let others = found.arrayValue, others.count == items.count else { return false }
            return zip(others, items).allSatisfy(matches)
        case .object(let members):
            guard case .object(let others) = found else { return false }
            let wanted = members.filter { $0.key != "..." }
            guard wanted.count == members.count ? others.count == wanted.count : others.count >= wanted.count else {
                return false
            }
            return wanted.allSatisfy { member in found[member.key].map { matches($0, member.value) } ?? false }
        default: return found == expected
        }
    }
}
