import Columnar
import SQLTypes

/// Functions of arrays without lambdas.
enum ArrayFunctions {
    static let scalars: [ScalarFunction] = construction + lookup + sets + reshaping

    // MARK: Making

    private static var construction: [ScalarFunction] {
        [
            ScalarFunction(
                "repeat", "(T, bigint) -> array(T)", summary: "A value so many times", nulls: .handled,
                cannotRaise: false,
                examples: [FunctionExample("repeat('a', 2)", "[a, a]")]
            ) { signature in
                { call in
                    let value = call.arguments[0].flattened()
                    let count = call.arguments[1].view
                    let list = ListBuilder(signature.result, call.rows)
                    try call.rows.forEach { row in
                        guard count.isValid(row) else { return list.setNull(row) }
                        let times = count.load(row, as: Int64.self)
                        guard times <= 10_000 else {
                            throw QueryError(
                                .invalidFunctionArgument,
                                "count argument of repeat function must be less than or equal to 10000")
                        }
                        for _ in 0..<max(times, 0) { list.append(row) }
                        list.endRow(row)
                    }
                    return list.finish(value)
                }
            }
        ]
    }

    // MARK: Looking into

    private static var lookup: [ScalarFunction] {
        [
            ScalarFunction(
                "cardinality", "(array(T)) -> bigint", summary: "Elements of an array",
                examples: [FunctionExample("cardinality(ARRAY[1, 2])", "2")]
            ) { _ in { call in cardinality(call) } },
            ScalarFunction(
                "cardinality", "(map(K,V)) -> bigint", summary: "Entries of a map",
                examples: [FunctionExample("cardinality(MAP(ARRAY['a'], ARRAY[1]))", "1")]
            ) { _ in { call in cardinality(call) } },
            ScalarFunction(
                "element_at", "(array(T), bigint) -> T",
                summary: "Element of an array, from 1, or from the end; NULL outside", cannotRaise: false,
                examples: [
                    FunctionExample("element_at(ARRAY[1, 2], -1)", "2"),
                    FunctionExample("element_at(ARRAY[1], 5)", "NULL"),
                    FunctionExample("element_at(ARRAY[1], 0)", "INVALID_FUNCTION_ARGUMENT"),
                ]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    let index = call.arguments[1].view
                    let picks = Picks(call.rows.count)
                    try call.rows.forEach { row in
                        guard !list.isNull(row), index.isValid(row) else { return picks.setNull(row) }
                        let position = index.load(row, as: Int64.self)
                        guard position != 0 else {
                            throw QueryError(.invalidFunctionArgument, "SQL array indices start at 1")
                        }
                        let range = list.range(row)
                        guard position.magnitude <= UInt64(range.count) else { return picks.setNull(row) }
                        picks.set(
                            row, position > 0 ? range.lowerBound + Int(position) - 1 : range.upperBound + Int(position))
                    }
                    return picks.gather(list.elements, signature.result)
                }
            },
            ScalarFunction(
                "element_at", "(map(K,V), K) -> V", summary: "Value of a map's key; NULL for a missing key",
                examples: [FunctionExample("element_at(MAP(ARRAY['a'], ARRAY[1]), 'b')", "NULL")]
            ) { signature in
                { call in
                    let map = ListArgument(call.arguments[0])
                    let key = call.arguments[1]
                    let picks = Picks(call.rows.count)
                    call.rows.forEach { row in
                        guard !map.isNull(row), !key.isNull(row),
                            let found = map.range(row).first(where: { Comparison.areEqual(map.elements, $0, key, row) })
                        else { return picks.setNull(row) }
                        picks.set(row, found)
                    }
                    return picks.gather(map.mapValues, signature.result)
                }
            },
            ScalarFunction(
                "contains", Signature("(array(T), T) -> boolean", comparable: ["T"]),
                summary: "Whether an array has an element",
                examples: [
                    FunctionExample("contains(ARRAY[1, 2], 2)", "true"),
                    FunctionExample("contains(ARRAY[1, NULL], 2)", "NULL"),
                ]
            ) { _ in
                { call in
                    let list = ListArgument(call.arguments[0])
                    let item = call.arguments[1]
                    return flags(call) { row in
                        guard !list.isNull(row), !item.isNull(row) else { return nil }
                        var hasNull = false
                        for position in list.range(row) {
                            if list.elements.isNull(position) { hasNull = true; continue }
                            if Comparison.areEqual(list.elements, position, item, row) { return true }
                        }
                        return hasNull ? nil : false
                    }
                }
            },
            ScalarFunction(
                "array_position", Signature("(array(T), T) -> bigint", comparable: ["T"]),
                summary: "Place of the first occurrence, from 1; 0 for none",
                examples: [FunctionExample("array_position(ARRAY['a', 'b'], 'b')", "2")]
            ) { _ in
                { call in
                    let list = ListArgument(call.arguments[0])
                    let item = call.arguments[1]
                    let builder = FlatBuilder(.bigint, capacity: call.rows.count)
                    builder.zero()
                    call.rows.forEach { row in
                        guard !list.isNull(row), !item.isNull(row) else { return builder.setNull(row) }
                        let range = list.range(row)
                        let found = range.first {
                            !list.elements.isNull($0) && Comparison.areEqual(list.elements, $0, item, row)
                        }
                        builder.pointer(as: Int64.self)[row] = found.map { Int64($0 - range.lowerBound + 1) } ?? 0
                    }
                    return builder.finish(count: call.rows.count)
                }
            },
            extreme("array_max", "The greatest element; NULL when there is a NULL", picksMaximum: true),
            extreme("array_min", "The least element; NULL when there is a NULL", picksMaximum: false),
            ScalarFunction(
                "array_join", "(array(T), varchar) -> varchar",
                summary: "The elements as texts, joined; NULLs are left out",
                examples: [FunctionExample("array_join(ARRAY[1, NULL, 3], '-')", "1-3")]
            ) { _ in { call in join(call) } },
            ScalarFunction(
                "array_join", "(array(T), varchar, varchar) -> varchar",
                summary: "The elements as texts, joined; NULLs as a text",
                examples: [FunctionExample("array_join(ARRAY[1, NULL, 3], '-', '?')", "1-?-3")]
            ) { _ in { call in join(call) } },
        ]
    }

    private static func cardinality(_ call: borrowing KernelCall) -> Vector {
        Kernel.unary(call.arguments[0], call.rows, as: .bigint, ListEntry.self, Int64.self) { Int64($0.count) }
    }

    /// A boolean per row; nil is NULL.
    static func flags(_ call: borrowing KernelCall, _ body: (Int) throws -> Bool?) rethrows -> Vector {
        let builder = FlatBuilder(.boolean, capacity: call.rows.count)
        builder.zero()
        try call.rows.forEach { row in
            guard let flag = try body(row) else { return builder.setNull(row) }
            builder.pointer(as: UInt8.self)[row] = flag ? 1 : 0
        }
        return builder.finish(count: call.rows.count)
    }

    private static func extreme(_ name: String, _ summary: String, picksMaximum: Bool) -> ScalarFunction {
        ScalarFunction(
            name, Signature("(array(T)) -> T", orderable: ["T"]), summary: summary,
            examples: [
                FunctionExample("\(name)(ARRAY[2, 3, 1])", picksMaximum ? "3" : "1"),
                FunctionExample("\(name)(ARRAY[1, NULL])", "NULL"),
            ]
        ) { signature in
            { call in
                let list = ListArgument(call.arguments[0])
                let picks = Picks(call.rows.count)
                call.rows.forEach { row in
                    guard !list.isNull(row) else { return picks.setNull(row) }
                    var best: Int?
                    for position in list.range(row) {
                        if list.elements.isNull(position) { return picks.setNull(row) }
                        guard let current = best else { best = position; continue }
                        let order = Comparison.compare(list.elements, position, list.elements, current)
                        if picksMaximum ? order > 0 : order < 0 { best = position }
                    }
                    if let best { picks.set(row, best) } else { picks.setNull(row) }
                }
                return picks.gather(list.elements, signature.result)
            }
        }
    }

    private static func join(_ call: borrowing KernelCall) -> Vector {
        let list = ListArgument(call.arguments[0])
        let separator = call.arguments[1].view
        let filler = call.arguments.count > 2 ? call.arguments[2].view : nil
        let builder = FlatBuilder(.varcharUnbounded, capacity: call.rows.count)
        builder.zero()
        call.rows.forEach { row in
            guard !list.isNull(row), separator.isValid(row), filler?.isValid(row) ?? true else {
                return builder.setNull(row)
            }
            var out: [UInt8] = []
            var isFirst = true
            for position in list.range(row) {
                let isNull = list.elements.isNull(position)
                if isNull, filler == nil { continue }
                if !isFirst { out.append(contentsOf: separator.bytes(row)) }
                isFirst = false
                if isNull, let filler {
                    out.append(contentsOf: filler.bytes(row))
                } else {
                    ValueText.append(list.elements.value(at: position), list.elements.type, to: &out)
                }
            }
            builder.pointer(as: StringView.self)[row] = builder.strings.append(out)
        }
        return builder.finish(count: call.rows.count)
    }

    // MARK: As sets

    private static var sets: [ScalarFunction] {
        [
            ScalarFunction(
                "array_distinct", Signature("(array(T)) -> array(T)", comparable: ["T"]),
                summary: "The elements without repeats",
                examples: [FunctionExample("array_distinct(ARRAY[1, 2, 1])", "[1, 2]")]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    return build(call, signature.result, list.elements) { row, keep in
                        guard !list.isNull(row) else { return false }
                        var seen = ElementSet(list.elements)
                        for position in list.range(row) where seen.insert(position) { keep(position) }
                        return true
                    }
                }
            },
            combination(
                "array_union", "Elements of either, without repeats",
                FunctionExample("array_union(ARRAY[1, 2], ARRAY[2, 3])", "[1, 2, 3]")
            ) {
                left, right, seen, keep in
                for position in left where seen.insert(position) { keep(position) }
                for position in right where seen.insert(position) { keep(position) }
            },
            combination(
                "array_intersect", "Elements of both, without repeats",
                FunctionExample("array_intersect(ARRAY[1, 2], ARRAY[2, 3])", "[2]")
            ) {
                left, right, seen, keep in
                var other = seen
                for position in right { _ = other.insert(position) }
                for position in left where other.contains(position) && seen.insert(position) { keep(position) }
            },
            combination(
                "array_except", "Elements of the first alone, without repeats",
                FunctionExample("array_except(ARRAY[1, 2], ARRAY[2, 3])", "[1]")
            ) {
                left, right, seen, keep in
                for position in right { _ = seen.insert(position) }
                for position in left where seen.insert(position) { keep(position) }
            },
            ScalarFunction(
                "arrays_overlap", Signature("(array(T), array(T)) -> boolean", comparable: ["T"]),
                summary: "Whether two arrays share an element",
                examples: [FunctionExample("arrays_overlap(ARRAY[1, 2], ARRAY[2])", "true")]
            ) { _ in
                { call in
                    let left = ListArgument(call.arguments[0])
                    let right = ListArgument(call.arguments[1])
                    return flags(call) { row in
                        guard !left.isNull(row), !right.isNull(row) else { return nil }
                        var hasNull = right.range(row).contains { right.elements.isNull($0) }
                        for position in left.range(row) {
                            if left.elements.isNull(position) { hasNull = true; continue }
                            if right.range(row).contains(where: {
                                !right.elements.isNull($0)
                                    && Comparison.areEqual(left.elements, position, right.elements, $0)
                            }) {
                                return true
                            }
                        }
                        return hasNull ? nil : false
                    }
                }
            },
            ScalarFunction(
                "array_remove", Signature("(array(T), T) -> array(T)", comparable: ["T"]),
                summary: "The elements that are not a value",
                examples: [FunctionExample("array_remove(ARRAY[1, 2, 1], 1)", "[2]")]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    let item = call.arguments[1]
                    return build(call, signature.result, list.elements) { row, keep in
                        guard !list.isNull(row), !item.isNull(row) else { return false }
                        for position in list.range(row)
                        where list.elements.isNull(position) || !Comparison.areEqual(list.elements, position, item, row)
                        {
                            keep(position)
                        }
                        return true
                    }
                }
            },
        ]
    }

    /// Arrays over `source`; `body` keeps positions, and returns false for NULL.
    static func build(
        _ call: borrowing KernelCall, _ type: DataType, _ source: Vector, _ body: (Int, (Int) -> Void) throws -> Bool
    ) rethrows -> Vector {
        let list = ListBuilder(type, call.rows)
        try call.rows.forEach { row in
            if try body(row, list.append) { list.endRow(row) } else { list.setNull(row) }
        }
        return list.finish(source)
    }

    private static func combination(
        _ name: String, _ summary: String, _ example: FunctionExample,
        _ body: @escaping @Sendable (Range<Int>, Range<Int>, inout ElementSet, (Int) -> Void) -> Void
    ) -> ScalarFunction {
        ScalarFunction(
            name, Signature("(array(T), array(T)) -> array(T)", comparable: ["T"]), summary: summary,
            examples: [example]
        ) { signature in
            { call in
                let left = ListArgument(call.arguments[0])
                let right = ListArgument(call.arguments[1])
                let (all, offset) = Vector.joined(left.elements, right.elements)
                return build(call, signature.result, all) { row, keep in
                    guard !left.isNull(row), !right.isNull(row) else { return false }
                    var seen = ElementSet(all)
                    let second = right.range(row)
                    body(left.range(row), second.lowerBound + offset..<second.upperBound + offset, &seen, keep)
                    return true
                }
            }
        }
    }

    // MARK: Reshaping

    private static var reshaping: [ScalarFunction] {
        [
            ScalarFunction(
                "array_sort", Signature("(array(T)) -> array(T)", orderable: ["T"]),
                summary: "The elements in order, NULLs last",
                examples: [FunctionExample("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]")]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    return build(call, signature.result, list.elements) { row, keep in
                        guard !list.isNull(row) else { return false }
                        list.range(row).sorted { Comparison.compare(list.elements, $0, list.elements, $1) < 0 }.forEach(
                            keep)
                        return true
                    }
                }
            },
            ScalarFunction(
                "reverse", "(array(T)) -> array(T)", summary: "The elements in reverse order",
                examples: [FunctionExample("reverse(ARRAY[1, 2])", "[2, 1]")]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    return build(call, signature.result, list.elements) { row, keep in
                        guard !list.isNull(row) else { return false }
                        list.range(row).reversed().forEach(keep)
                        return true
                    }
                }
            },
            ScalarFunction(
                "slice", "(array(T), bigint, bigint) -> array(T)",
                summary: "So many elements from a place on; negative places count from the end",
                cannotRaise: false,
                examples: [
                    FunctionExample("slice(ARRAY[1, 2, 3], 2, 2)", "[2, 3]"),
                    FunctionExample("slice(ARRAY[1, 2, 3], -1, 1)", "[3]"),
                ]
            ) { signature in
                { call in
                    let list = ListArgument(call.arguments[0])
                    let starts = call.arguments[1].view
                    let lengths = call.arguments[2].view
                    return try build(call, signature.result, list.elements) { row, keep in
                        guard !list.isNull(row), starts.isValid(row), lengths.isValid(row) else { return false }
                        let start = starts.load(row, as: Int64.self)
                        let length = lengths.load(row, as: Int64.self)
                        guard start != 0 else {
                            throw QueryError(.invalidFunctionArgument, "SQL array indices start at 1")
                        }
                        guard length >= 0 else {
                            throw QueryError(.invalidFunctionArgument, "length must be greater than or equal to 0")
                        }
                        let range = list.range(row)
                        let first = start > 0 ? Int(clamping: start) - 1 : range.count + Int(clamping: start)
                        guard first >= 0, first < range.count else { return true }
                        let last = Int64(range.count - first) <= length ? range.count : first + Int(length)
                        (range.lowerBound + first..<range.lowerBound + last).forEach(keep)
                        return true
                    }
                }
            },
            ScalarFunction(
                "concat", "(array(T), array(T)...) -> array(T)", summary: "Arrays one after the other",
                examples: [FunctionExample("ARRAY[1] || ARRAY[2]", "[1, 2]")]
            ) { signature in
                { call in
                    let lists = call.arguments.map(ListArgument.init)
                    var offsets: [Int] = []
                    var total = 0
                    for list in lists {
                        offsets.append(total)
                        total += list.elements.count
                    }
                    let all = Vector.concatenate(lists.map(\.elements), type: lists[0].elements.type)
                    return build(call, signature.result, all) { row, keep in
                        for list in lists where list.isNull(row) { return false }
                        for (list, offset) in zip(lists, offsets) { list.range(row).forEach { keep($0 + offset) } }
                        return true
                    }
                }
            },
            ScalarFunction(
                "flatten", "(array(array(T))) -> array(T)", summary: "The elements of the elements",
                examples: [FunctionExample("flatten(ARRAY[ARRAY[1], ARRAY[2, 3]])", "[1, 2, 3]")]
            ) { signature in
                { call in
                    let outer = ListArgument(call.arguments[0])
                    let inner = ListArgument(outer.elements)
                    return build(call, signature.result, inner.elements) { row, keep in
                        guard !outer.isNull(row) else { return false }
                        for position in outer.range(row) where !inner.isNull(position) {
                            inner.range(position).forEach(keep)
                        }
                        return true
                    }
                }
            },
        ]
    }
}

/// Distinct elements of one vector, by position.
struct ElementSet {
    private let elements: Vector
    private var buckets: [Value: Bool] = [:]

    init(_ elements: Vector) { self.elements = elements }

    /// True when the element was not there.
    mutating func insert(_ position: Int) -> Bool {
        buckets.updateValue(true, forKey: elements.value(at: position)) == nil
    }
    func contains(_ position: Int) -> Bool { buckets[elements.value(at: position)] != nil }
}
