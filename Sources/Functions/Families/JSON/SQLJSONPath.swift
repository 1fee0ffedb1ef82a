import SQLTypes

/// A path of the SQL standard's JSON path language (ISO 9075-2): what `json_exists`, `json_value` and `json_query` take.
///
/// ```
/// lax $.children[0 to last]?(@.age > $limit && exists(@.name)).name
///     member          filter              member
///             elements
/// ```
/// A path is a tree: it may use its input many times, and its result is a sequence of items. In lax mode arrays are
/// unwrapped where an operation wants something else, single items are wrapped where it wants an array, and what is
/// missing is left out; in strict mode these are errors.
public struct SQLJSONPath: Sendable {
    indirect enum Node: Sendable {
        case literal(JSONValue)
        /// `$`.
        case context
        /// `$name`.
        case variable(String)
        /// `@`: the item that a filter looks at.
        case current
        /// `last`: the last index of the array that is being subscripted.
        case last
        case negate(Node)
        case plus(Node)
        case arithmetic(Operator, Node, Node)
        case member(Node, String)
        case allMembers(Node)
        case descendants(Node, String)
        case elements(Node, [Subscript])
        case allElements(Node)
        case filter(Node, Predicate)
        case method(Node, Method)
    }

    /// `[from]` or `[from to to]`.
    struct Subscript: Sendable {
        var from: Node
        var to: Node?
    }

    enum Operator: String, Sendable { case add = "+", subtract = "-", multiply = "*", divide = "/", modulus = "%" }
    enum Method: String, Sendable { case type, size, double, ceiling, floor, abs, keyvalue }

    indirect enum Predicate: Sendable {
        case and(Predicate, Predicate)
        case or(Predicate, Predicate)
        case not(Predicate)
        case isUnknown(Predicate)
        case exists(Node)
        case comparison(Comparison, Node, Node)
        case startsWith(Node, Node)
    }

    enum Comparison: String, Sendable {
        case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    }

    var isLax: Bool
    var root: Node
    /// The same path where it is nothing but members and elements, which a scanner finds without a tree.
    let plain: JSONPath?
    /// The names that the path takes from the PASSING clause.
    public internal(set) var variables: Set<String> = []

    /// - Throws: INVALID_PATH.
    public init(_ text: String) throws {
        var parser = SQLJSONPathParser(text)
        self = try parser.parse()
    }

    init(isLax: Bool, root: Node, variables: Set<String>) {
        self.isLax = isLax
        self.root = root
        self.variables = variables
        plain = root.plainSteps.map { JSONPath(steps: $0) }
    }
}

extension SQLJSONPath.Node {
    /// The steps of a path from `$` of nothing but members and single elements.
    fileprivate var plainSteps: [JSONPath.Step]? {
        switch self {
        case .context: return []
        case .member(let base, let name):
            return base.plainSteps.map { $0 + [.member(Array(name.utf8))] }
        case .elements(let base, let subscripts):
            guard subscripts.count == 1, subscripts[0].to == nil,
                case .literal(.number(let digits)) = subscripts[0].from, let index = Int(digits)
            else { return nil }
            return base.plainSteps.map { $0 + [.element(index)] }
        case .literal, .variable, .current, .last, .negate, .plus, .arithmetic, .allMembers, .descendants, .allElements,
            .filter, .method:
            return nil
        }
    }
}
