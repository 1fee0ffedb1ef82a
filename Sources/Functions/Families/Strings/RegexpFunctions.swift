import CKernels
import Columnar
import SQLTypes

/// Functions of regular expressions, in Java's syntax.
enum RegexpFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "regexp_like", "(varchar, varchar) -> boolean", summary: "Whether a pattern matches somewhere",
            cannotRaise: false,
            examples: [
                FunctionExample("regexp_like('1a 2b', '\\d+b')", "true"),
                FunctionExample("regexp_like('a', '(')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { _ in
            let cache = RegexCache()
            return { call in
                if let literal = plainPattern(call.arguments[1]) { return contains(call, literal) }
                return try overEntries(call) { call in
                    try TextDriver.values(call, as: .boolean, UInt8.self, cannotRaise: false) { row, views in
                        let regex = try cache.regex(views[1], row)
                        return try views[0].withText(row) { try regex.find($0) } ? 1 : 0
                    }
                }
            }
        },
        extract("(varchar, varchar) -> varchar", FunctionExample("regexp_extract('1a 2b', '\\d+')", "1")),
        extract(
            "(varchar, varchar, bigint) -> varchar",
            FunctionExample("regexp_extract('1a 2b', '(\\d+)([a-z]+)', 2)", "a")),
        ScalarFunction(
            "regexp_replace", "(varchar, varchar) -> varchar", summary: "The text without matches", cannotRaise: false,
            examples: [FunctionExample("regexp_replace('1a 2b', '\\d+')", "a b")]
        ) { signature in replacing(signature.result) },
        ScalarFunction(
            "regexp_replace", "(varchar, varchar, varchar) -> varchar",
            summary: "The text with matches replaced; $1 and ${name} are groups",
            cannotRaise: false, examples: [FunctionExample("regexp_replace('1a 2b', '(\\d+)([a-z])', '$2$1')", "a1 b2")]
        ) { signature in replacing(signature.result) },
        ScalarFunction(
            "regexp_count", "(varchar, varchar) -> bigint", summary: "Matches of a pattern", cannotRaise: false,
            examples: [FunctionExample("regexp_count('1a 2b', '\\d')", "2")]
        ) { _ in
            let cache = RegexCache()
            return { call in
                try TextDriver.values(call, as: .bigint, Int64.self, cannotRaise: false) { row, views in
                    let regex = try cache.regex(views[1], row)
                    var count: Int64 = 0
                    try views[0].withText(row) {
                        try regex.forEachMatch($0) { _ in
                            count += 1; return true
                        }
                    }
                    return count
                }
            }
        },
        position("(varchar, varchar) -> integer", FunctionExample("regexp_position('1a 2b', '[a-z]')", "2")),
        position("(varchar, varchar, bigint) -> integer", FunctionExample("regexp_position('1a 2b', '[a-z]', 3)", "5")),
        position(
            "(varchar, varchar, bigint, bigint) -> integer",
            FunctionExample("regexp_position('1a 2b', '[a-z]', 1, 3)", "-1")),
        ScalarFunction(
            "regexp_replace", "(varchar, varchar, function(array(varchar),varchar)) -> varchar",
            summary: "The text with each match replaced by what the lambda makes of its groups", cannotRaise: false,
            examples: [
                FunctionExample("regexp_replace('new york', '(\\w)(\\w*)', x -> upper(x[1]) || x[2])", "New York")
            ]
        ) { signature in replacingByLambda(signature.result) },
        all("(varchar, varchar) -> array(varchar)", FunctionExample("regexp_extract_all('1a 2b', '\\d+')", "[1, 2]")),
        all(
            "(varchar, varchar, bigint) -> array(varchar)",
            FunctionExample("regexp_extract_all('1a 2b', '(\\d+)([a-z])', 2)", "[a, b]")),
        ScalarFunction(
            "regexp_split", "(varchar, varchar) -> array(varchar)", summary: "The pieces between matches",
            cannotRaise: false,
            examples: [FunctionExample("regexp_split('1a 2b', '\\s')", "[1a, 2b]")]
        ) { signature in
            let cache = RegexCache()
            return { call in
                let views = call.arguments.map(\.view)
                return try TextArrays.build(signature.result, call.rows, keeping: call.arguments) { row, append in
                    for view in views where !view.isValid(row) { return false }
                    let regex = try cache.regex(views[1], row)
                    try views[0].withText(row) { text in
                        var start = 0
                        try regex.forEachMatch(text) { range in
                            append(CodePoints.slice(text, start..<range.lowerBound))
                            start = range.upperBound
                            return true
                        }
                        append(CodePoints.slice(text, start..<text.count))
                    }
                    return true
                }
            }
        },
    ]

    /// A constant pattern without special characters: plain searching finds it.
    private static func plainPattern(_ pattern: Vector) -> [UInt8]? {
        guard pattern.isConstant, !pattern.isNull(0) else { return nil }
        let bytes = pattern.view.bytes(0)
        let special = Set("\\^$.|?*+()[]{}".utf8)
        return bytes.isEmpty || bytes.contains(where: special.contains) ? nil : bytes
    }

    private static func contains(_ call: borrowing KernelCall, _ literal: [UInt8]) -> Vector {
        literal.withUnsafeBufferPointer { needle in
            Kernel.perEntry(call.arguments[0], call.rows) { entries, rows in
                let view = entries.view
                let builder = FlatBuilder(.boolean, capacity: rows.count)
                builder.zero()
                rows.forEach { row in
                    guard view.isValid(row) else { return builder.setNull(row) }
                    let found = view.withText(row) { TextSearch.find(needle, in: $0, from: 0) != nil }
                    builder.pointer(as: UInt8.self)[row] = found ? 1 : 0
                }
                return builder.finish(count: rows.count)
            }
        }
    }

    /// Runs once per dictionary entry when the other arguments are constant: a valid constant pattern can only raise
    /// by its limits, which the caller then meets row by row.
    private static func overEntries(_ call: borrowing KernelCall, _ body: (borrowing KernelCall) throws -> Vector)
        throws -> Vector
    {
        let others = call.arguments.dropFirst()
        guard others.allSatisfy(\.isConstant), Kernel.prefersDictionary(call.arguments[0], call.rows),
            let dictionary = call.arguments[0].dictionary
        else { return try body(call) }
        let zeros = ConstantLanes.zeros.assumingMemoryBound(to: UInt32.self)
        let rows = Rows(count: dictionary.count)
        let inner = KernelCall(
            arguments: [dictionary] + others.map { $0.gather(zeros, count: dictionary.count) }, rows: rows,
            context: call.context, lambdas: call.lambdas)
        guard let entries = try? body(inner) else { return try body(call) }
        return Kernel.rewrapped(call.arguments[0], entries: entries)
    }

    private static func extract(_ signature: Signature, _ example: FunctionExample) -> ScalarFunction {
        ScalarFunction(
            "regexp_extract", signature, summary: "The first match, or one of its groups; NULL for none",
            cannotRaise: false, examples: [example]
        ) { resolved in
            let cache = RegexCache()
            return { call in
                try overEntries(call) { call in
                    try TextDriver.texts(call, as: resolved.result, cannotRaise: false) { row, views, heap in
                        let regex = try cache.regex(views[1], row)
                        let group = try groupNumber(views, row, regex)
                        return try views[0].withText(row) { text in
                            guard try regex.find(text), let range = regex.group(group) else { return nil }
                            return heap.append(CodePoints.slice(text, range))
                        }
                    }
                }
            }
        }
    }

    private static func groupNumber(_ views: [VectorView], _ row: Int, _ regex: Regex) throws -> Int {
        guard views.count > 2 else { return 0 }
        let group = views[2].load(row, as: Int64.self)
        guard group >= 0 else { throw QueryError(.invalidFunctionArgument, "Group cannot be negative") }
        guard group <= Int64(regex.groupCount) else {
            throw QueryError(
                .invalidFunctionArgument, "Pattern has \(regex.groupCount) groups. Cannot access group \(group)")
        }
        return Int(group)
    }

    private static func all(_ signature: Signature, _ example: FunctionExample) -> ScalarFunction {
        ScalarFunction(
            "regexp_extract_all", signature, summary: "All matches, or one group of each", cannotRaise: false,
            examples: [example]
        ) {
            resolved in
            let cache = RegexCache()
            return { call in
                let views = call.arguments.map(\.view)
                return try TextArrays.build(resolved.result, call.rows, keeping: call.arguments) { row, append in
                    for view in views where !view.isValid(row) { return false }
                    let regex = try cache.regex(views[1], row)
                    let group = try groupNumber(views, row, regex)
                    try views[0].withText(row) { text in
                        try regex.forEachMatch(text) { _ in
                            if let range = regex.group(group) { append(CodePoints.slice(text, range)) }
                            return true
                        }
                    }
                    return true
                }
            }
        }
    }

    private static func position(_ signature: Signature, _ example: FunctionExample) -> ScalarFunction {
        ScalarFunction(
            "regexp_position", signature,
            summary: "Place of a match, from 1: of the first, or the n-th at or after a place; -1 for none",
            cannotRaise: false, examples: [example]
        ) { _ in
            let cache = RegexCache()
            return { call in
                try TextDriver.values(call, as: .integer, Int32.self, cannotRaise: false) { row, views in
                    let regex = try cache.regex(views[1], row)
                    let start = views.count > 2 ? views[2].load(row, as: Int64.self) : 1
                    let occurrence = views.count > 3 ? views[3].load(row, as: Int64.self) : 1
                    guard start >= 1 else {
                        throw QueryError(.invalidFunctionArgument, "start position cannot be smaller than 1")
                    }
                    guard occurrence >= 1 else {
                        throw QueryError(.invalidFunctionArgument, "occurrence cannot be smaller than 1")
                    }
                    return try views[0].withText(row) { text in
                        guard start <= Int64(CodePoints.count(text)) else { return -1 }
                        let first = CodePoints.offset(text, Int(start) - 1)
                        var number: Int64 = 0
                        var place: Int?
                        try regex.forEachMatch(text) { range in
                            if range.lowerBound >= first { number += 1 }
                            if number == occurrence { place = range.lowerBound }
                            return place == nil
                        }
                        return place.map { Int32(clamping: CodePoints.count(CodePoints.slice(text, 0..<$0)) + 1) } ?? -1
                    }
                }
            }
        }
    }

    private static func replacingByLambda(_ result: DataType) -> ScalarKernel {
        let cache = RegexCache()
        return { call in
            let lambda = call.lambdas[0]
            let views = call.arguments[..<2].map(\.view)
            let builder = FlatBuilder(result, capacity: call.rows.count)
            builder.zero()
            let target = builder.pointer(as: StringView.self)
            let heap = builder.strings
            try call.rows.forEach { row in
                for view in views where !view.isValid(row) { return builder.setNull(row) }
                let regex = try cache.regex(views[1], row)
                // The matches first: a lambda may use regular expressions too.
                var ranges: [Range<Int>] = []
                var groups: [Value] = []
                let text = views[0].bytes(row)
                try text.withUnsafeBufferPointer { text in
                    try regex.forEachMatch(text) { range in
                        ranges.append(range)
                        groups.append(
                            .array(
                                (0..<regex.groupCount).map { index in
                                    regex.group(index + 1).map { .bytes(Array(text[$0])) } ?? .null
                                }))
                        return true
                    }
                }
                let origins = Array(repeating: UInt32(truncatingIfNeeded: row), count: ranges.count)
                let pieces = try ZipFunctions.evaluate(
                    lambda, [Vector.fromValues(groups, .array(.varcharUnbounded))], origins, .varcharUnbounded)
                var out: [UInt8] = []
                var start = 0
                for (index, range) in ranges.enumerated() {
                    guard case .bytes(let piece) = pieces.value(at: index) else { return builder.setNull(row) }
                    out.append(contentsOf: text[start..<range.lowerBound])
                    out.append(contentsOf: piece)
                    start = range.upperBound
                }
                out.append(contentsOf: text[start...])
                target[row] = heap.append(out)
            }
            return builder.finish(count: call.rows.count)
        }
    }

    private static func replacing(_ result: DataType) -> ScalarKernel {
        let cache = RegexCache()
        return { call in
            try overEntries(call) { call in
                try TextDriver.texts(call, as: result, cannotRaise: false) { row, views, heap in
                    let regex = try cache.regex(views[1], row)
                    let replacement = views.count > 2 ? views[2].bytes(row) : []
                    return try views[0].withText(row) { text in
                        var out: [UInt8] = []
                        var start = 0
                        try regex.forEachMatch(text) { range in
                            out.append(contentsOf: text[start..<range.lowerBound])
                            try regex.expand(replacement, text, into: &out)
                            start = range.upperBound
                            return true
                        }
                        if start == 0, out.isEmpty { return heap.append(text) }
                        out.append(contentsOf: text[start...])
                        return heap.append(out)
                    }
                }
            }
        }
    }
}
