import SQLTypes

/// Runs a JSON path over one document.
struct SQLJSONEvaluator {
    /// An error of the path: what ON ERROR decides about.
    struct Failure: Error { var message: String }

    let path: SQLJSONPath
    let document: JSONValue
    let variables: [String: JSONValue]

    /// A number that arithmetic made keeps its kind, which the digits alone would lose.
    private enum Item {
        case json(JSONValue)
        case number(SQLJSONNumber)

        var number: SQLJSONNumber? {
            switch self {
            case .json(.number(let digits)): SQLJSONNumber(digits, isDocument: true)
            case .number(let number): number
            case .json: nil
            }
        }

        var json: JSONValue? {
            switch self {
            case .json(let value): value
            case .number(let number): number.json
            }
        }
    }

    /// What surrounds a part of the path.
    private struct Surroundings {
        var current: Item?
        var last: Int?
    }

    func run() throws(Failure) -> [JSONValue] {
        var values: [JSONValue] = []
        for item in try items(path.root, Surroundings()) {
            guard let value = item.json else { throw Failure(message: "a number that JSON cannot show") }
            values.append(value)
        }
        return values
    }

    // MARK: Paths

    private func items(_ node: SQLJSONPath.Node, _ around: Surroundings) throws(Failure) -> [Item] {
        switch node {
        case .literal(.number(let digits)): return SQLJSONNumber(digits).map { [.number($0)] } ?? []
        case .literal(let value): return [.json(value)]
        case .context: return [.json(document)]
        case .variable(let name):
            guard let value = variables[name] else { throw Failure(message: "no value passed for parameter \(name)") }
            return [.json(value)]
        case .current:
            guard let current = around.current else { throw Failure(message: "@ stands outside of a filter") }
            return [current]
        case .last:
            guard let last = around.last else {
                throw Failure(message: "accessing the last array index with no enclosing array")
            }
            return [.number(.exact(Int128(last), scale: 0))]
        case .plus(let inner): return try mapNumbers(inner, around) { $0 }
        case .negate(let inner): return try mapNumbers(inner, around) { $0.negated }
        case .arithmetic(let op, let left, let right):
            let a = try number(left, around)
            let b = try number(right, around)
            if op == .divide || op == .modulus, case .exact(0, _) = b { throw Failure(message: "division by zero") }
            guard let result = SQLJSONNumber.apply(op, a, b) else { throw Failure(message: "arithmetic overflow") }
            return [.number(result)]
        case .member(let base, let name):
            return try members(base, around) { (object) throws(Failure) in
                guard let value = Self.value(of: name, in: object) else {
                    if path.isLax { return [] }
                    throw Failure(message: "structural error: missing member '\(name)' in JSON object")
                }
                return [value]
            }
        case .allMembers(let base): return try members(base, around) { (object) throws(Failure) in object.map(\.value) }
        case .descendants(let base, let name):
            var found: [JSONValue] = []
            for item in try items(base, around) {
                if case .json(let value) = item { Self.collect(name, in: value, into: &found) }
            }
            return found.map { .json($0) }
        case .elements(let base, let subscripts): return try elements(base, subscripts, around)
        case .allElements(let base):
            var found: [Item] = []
            for item in try items(base, around) { found += try array(item).map { .json($0) } }
            return found
        case .filter(let base, let predicate):
            var found: [Item] = []
            for item in try unwrapped(base, around) {
                var inner = around
                inner.current = item
                if test(predicate, inner) == true { found.append(item) }
            }
            return found
        case .method(let base, let method): return try apply(method, base, around)
        }
    }

    /// The last of members of one name, as JSON objects have it.
    private static func value(of name: String, in members: [JSONValue.Member]) -> JSONValue? {
        members.last { $0.key == name }?.value
    }

    private static func collect(_ name: String, in value: JSONValue, into found: inout [JSONValue]) {
        switch value {
        case .object(let members):
            if let own = Self.value(of: name, in: members) { found.append(own) }
            for member in members { collect(name, in: member.value, into: &found) }
        case .array(let items): for item in items { collect(name, in: item, into: &found) }
        case .null, .bool, .number, .string: break
        }
    }

    /// The items of a path; in lax mode arrays give their elements.
    private func unwrapped(_ node: SQLJSONPath.Node, _ around: Surroundings) throws(Failure) -> [Item] {
        let found = try items(node, around)
        guard path.isLax else { return found }
        return found.flatMap { item -> [Item] in
            if case .json(.array(let elements)) = item { return elements.map { .json($0) } }
            return [item]
        }
    }

    private func members(
        _ base: SQLJSONPath.Node, _ around: Surroundings,
        _ body: ([JSONValue.Member]) throws(Failure) -> [JSONValue]
    ) throws(Failure) -> [Item] {
        var found: [Item] = []
        for item in try unwrapped(base, around) {
            guard case .json(.object(let members)) = item else {
                if path.isLax { continue }
                throw wrongType("OBJECT", item)
            }
            found += try body(members).map { .json($0) }
        }
        return found
    }

    private func wrongType(_ wanted: String, _ item: Item) -> Failure {
        Failure(message: "invalid item type. Expected: \(wanted), actual: \(Self.typeName(item).uppercased())")
    }

    /// The elements of an array; in lax mode anything else is an array of itself.
    private func array(_ item: Item) throws(Failure) -> [JSONValue] {
        if case .json(.array(let elements)) = item { return elements }
        guard path.isLax else { throw wrongType("ARRAY", item) }
        return item.json.map { [$0] } ?? []
    }

    private func elements(
        _ base: SQLJSONPath.Node, _ subscripts: [SQLJSONPath.Subscript], _ around: Surroundings
    ) throws(Failure) -> [Item] {
        var found: [Item] = []
        for item in try items(base, around) {
            let elements = try array(item)
            var inner = around
            inner.last = elements.count - 1
            for part in subscripts {
                let from = try index(part.from, inner)
                var to = from
                if let end = part.to { to = try index(end, inner) }
                guard from >= 0, from <= to, to < elements.count else {
                    guard path.isLax else {
                        throw Failure(
                            message: "structural error: invalid array subscript: [\(from), \(to)] for array of size "
                                + "\(elements.count)")
                    }
                    let lower = max(from, 0)
                    let upper = min(to, elements.count - 1)
                    if from <= to, lower <= upper { found += elements[lower...upper].map { .json($0) } }
                    continue
                }
                found += elements[from...to].map { .json($0) }
            }
        }
        return found
    }

    private func index(_ node: SQLJSONPath.Node, _ around: Surroundings) throws(Failure) -> Int {
        guard let index = try number(node, around).index else {
            throw Failure(message: "array subscript is not an integer")
        }
        return index
    }

    // MARK: Numbers and methods

    /// The one number that an operand is.
    private func number(_ node: SQLJSONPath.Node, _ around: Surroundings) throws(Failure) -> SQLJSONNumber {
        let found = try unwrapped(node, around)
        guard found.count == 1 else {
            throw Failure(message: "arithmetic expression requires singleton operands, found \(found.count) items")
        }
        guard let number = found[0].number else { throw wrongType("NUMBER", found[0]) }
        return number
    }

    private func mapNumbers(
        _ node: SQLJSONPath.Node, _ around: Surroundings, _ body: (SQLJSONNumber) -> SQLJSONNumber?
    ) throws(Failure) -> [Item] {
        var results: [Item] = []
        for item in try unwrapped(node, around) {
            guard let number = item.number else { throw wrongType("NUMBER", item) }
            guard let result = body(number) else { throw Failure(message: "arithmetic overflow") }
            results.append(.number(result))
        }
        return results
    }

    private func apply(
        _ method: SQLJSONPath.Method, _ base: SQLJSONPath.Node, _ around: Surroundings
    ) throws(Failure) -> [Item] {
        switch method {
        case .type: return try items(base, around).map { .json(.string(Self.typeName($0))) }
        case .size:
            var sizes: [Item] = []
            for item in try items(base, around) {
                sizes.append(.number(.exact(Int128(try array(item).count), scale: 0)))
            }
            return sizes
        case .ceiling: return try mapNumbers(base, around) { $0.rounded(.up) }
        case .floor: return try mapNumbers(base, around) { $0.rounded(.down) }
        case .abs: return try mapNumbers(base, around) { $0.magnitude }
        case .double:
            var results: [Item] = []
            for item in try unwrapped(base, around) {
                if let number = item.number {
                    results.append(.number(.double(number.double)))
                } else if case .json(.string(var text)) = item,
                    let value = text.withUTF8({ NumberText.parseDouble($0) })
                {
                    results.append(.number(.double(value)))
                } else {
                    throw wrongType("NUMBER or TEXT", item)
                }
            }
            return results
        case .keyvalue:
            var results: [Item] = []
            for (id, item) in try unwrapped(base, around).enumerated() {
                guard case .json(.object(let members)) = item else { throw wrongType("OBJECT", item) }
                for member in members {
                    results.append(
                        .json(
                            .object([
                                JSONValue.Member("name", .string(member.key)), JSONValue.Member("value", member.value),
                                JSONValue.Member("id", .int(id)),
                            ])))
                }
            }
            return results
        }
    }

    private static func typeName(_ item: Item) -> String {
        guard case .json(let value) = item else { return "number" }
        return switch value {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    // MARK: Predicates: true, false, or nil for unknown

    private func test(_ predicate: SQLJSONPath.Predicate, _ around: Surroundings) -> Bool? {
        switch predicate {
        case .and(let left, let right):
            let a = test(left, around)
            if a == false { return false }
            let b = test(right, around)
            return b == false ? false : (a == nil || b == nil ? nil : true)
        case .or(let left, let right):
            let a = test(left, around)
            if a == true { return true }
            let b = test(right, around)
            return b == true ? true : (a == nil || b == nil ? nil : false)
        case .not(let inner): return test(inner, around).map { !$0 }
        case .isUnknown(let inner): return test(inner, around) == nil
        case .exists(let node):
            guard let found = try? items(node, around) else { return nil }
            return !found.isEmpty
        case .comparison(let comparison, let left, let right):
            return pairs(left, right, around) { Self.compare(comparison, $0, $1) }
        case .startsWith(let left, let right):
            return pairs(left, right, around) { whole, prefix in
                guard case .json(.string(let text)) = whole, case .json(.string(let start)) = prefix else { return nil }
                return text.utf8.starts(with: start.utf8)
            }
        }
    }

    /// True when some pair is; in lax mode what comes first of a true pair and an error decides.
    private func pairs(
        _ left: SQLJSONPath.Node, _ right: SQLJSONPath.Node, _ around: Surroundings, _ body: (Item, Item) -> Bool?
    ) -> Bool? {
        guard let a = try? unwrapped(left, around), let b = try? unwrapped(right, around) else { return nil }
        var isFound = false
        var hasError = false
        for first in a {
            for second in b {
                switch body(first, second) {
                case true?:
                    if path.isLax { return true }
                    isFound = true
                case nil:
                    if path.isLax { return nil }
                    hasError = true
                case false?: break
                }
            }
        }
        return hasError ? nil : isFound
    }

    private static func compare(_ comparison: SQLJSONPath.Comparison, _ left: Item, _ right: Item) -> Bool? {
        if let a = left.number, let b = right.number { return holds(comparison, SQLJSONNumber.order(a, b)) }
        switch (left.json, right.json) {
        case (.null?, .null?): return comparison == .equal
        case (.null?, _), (_, .null?): return false
        case (.string(let a)?, .string(let b)?):
            return holds(
                comparison, a.utf8.elementsEqual(b.utf8) ? 0 : (a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1))
        case (.bool(let a)?, .bool(let b)?): return holds(comparison, a == b ? 0 : (b ? -1 : 1))
        default: return nil
        }
    }

    private static func holds(_ comparison: SQLJSONPath.Comparison, _ order: Int) -> Bool {
        switch comparison {
        case .equal: order == 0
        case .notEqual: order != 0
        case .less: order < 0
        case .lessOrEqual: order <= 0
        case .greater: order > 0
        case .greaterOrEqual: order >= 0
        }
    }
}
