import Columnar
import SQLTypes

/// Texts of entries (`a=1,b=2`) as maps.
enum StringMaps {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "split_to_map", "(varchar, varchar, varchar) -> map(varchar,varchar)",
            summary: "The entries of a text as a map: by the delimiters of entries, and of keys and values",
            cannotRaise: false,
            examples: [
                FunctionExample("split_to_map('a=1,b=2', ',', '=')", "{a=1, b=2}"),
                FunctionExample("split_to_map('', ',', '=')", "{}"),
                FunctionExample("split_to_map(NULL, ',', '=')", "NULL"),
                FunctionExample("split_to_map('a=1,a=2', ',', '=')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in { call in try map(call, signature.result) } },
        ScalarFunction(
            "split_to_map",
            "(varchar, varchar, varchar, function(varchar,varchar,varchar,varchar)) -> map(varchar,varchar)",
            summary: "The same; the lambda chooses between two values of a key", cannotRaise: false,
            examples: [FunctionExample("split_to_map('a=1,a=2', ',', '=', (k, x, y) -> x || y)", "{a=12}")]
        ) { signature in { call in try map(call, signature.result) } },
        ScalarFunction(
            "split_to_multimap", "(varchar, varchar, varchar) -> map(varchar,array(varchar))",
            summary: "The entries of a text as a map of keys to all their values", cannotRaise: false,
            examples: [
                FunctionExample("split_to_multimap('a=1,b=2,a=3', ',', '=')", "{a=[1, 3], b=[2]}"),
                FunctionExample("split_to_multimap('a', ',', '=')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                let values = try entries(call) { row, entries in
                    var keys: [Value] = []
                    var places: [[UInt8]: Int] = [:]
                    var lists: [[Value]] = []
                    for (key, value) in entries {
                        if let place = places[key] {
                            lists[place].append(.bytes(value))
                        } else {
                            places[key] = keys.count
                            keys.append(.bytes(key))
                            lists.append([.bytes(value)])
                        }
                    }
                    return .map(keys: keys, values: lists.map { .array($0) })
                }
                return Vector.fromValues(values, signature.result)
            }
        },
    ]

    private static func map(_ call: borrowing KernelCall, _ result: DataType) throws -> Vector {
        let chooser = call.lambdas.first
        let values = try entries(call) { row, entries in
            var keys: [Value] = []
            var places: [[UInt8]: Int] = [:]
            var values: [Value] = []
            for (key, value) in entries {
                guard let place = places[key] else {
                    places[key] = keys.count
                    keys.append(.bytes(key))
                    values.append(.bytes(value))
                    continue
                }
                guard let chooser else {
                    throw QueryError(
                        .invalidFunctionArgument,
                        "Duplicate keys (\(String(decoding: key, as: UTF8.self))) are not allowed")
                }
                var origin = UInt32(truncatingIfNeeded: row)
                let parameters = [.bytes(key), values[place], .bytes(value)].map {
                    Vector.fromValues([$0], .varcharUnbounded)
                }
                values[place] = try chooser.evaluate(parameters, origins: &origin, count: 1).value(at: 0)
            }
            return .map(keys: keys, values: values)
        }
        return Vector.fromValues(values, result)
    }

    /// `body` makes a value of each wanted row's entries; NULL where an argument is NULL.
    private static func entries(
        _ call: borrowing KernelCall, _ body: (Int, [(key: [UInt8], value: [UInt8])]) throws -> Value
    ) throws -> [Value] {
        let views = call.arguments[..<3].map(\.view)
        var results = [Value](repeating: .null, count: call.rows.count)
        try call.rows.forEach { row in
            for view in views where !view.isValid(row) { return }
            let entries = try views[0].withText(row) { text in
                try views[1].withText(row) { entryDelimiter in
                    try views[2].withText(row) { try parse(text, entryDelimiter, $0) }
                }
            }
            results[row] = try body(row, entries)
        }
        return results
    }

    private static func parse(
        _ text: UnsafeBufferPointer<UInt8>, _ entryDelimiter: UnsafeBufferPointer<UInt8>,
        _ keyDelimiter: UnsafeBufferPointer<UInt8>
    ) throws -> [(key: [UInt8], value: [UInt8])] {
        func fault(_ message: String) -> QueryError { QueryError(.invalidFunctionArgument, message) }
        if entryDelimiter.isEmpty { throw fault("entryDelimiter is empty") }
        if keyDelimiter.isEmpty { throw fault("keyValueDelimiter is empty") }
        if entryDelimiter.elementsEqual(keyDelimiter) {
            throw fault("entryDelimiter and keyValueDelimiter must not be the same")
        }
        var entries: [(key: [UInt8], value: [UInt8])] = []
        var start = 0
        // What stands behind the last delimiter is an entry unless it is empty.
        while start < text.count {
            let end = TextSearch.find(entryDelimiter, in: text, from: start) ?? text.count
            let entry = CodePoints.slice(text, start..<end)
            guard let place = TextSearch.find(keyDelimiter, in: entry, from: 0),
                TextSearch.find(keyDelimiter, in: entry, from: place + keyDelimiter.count) == nil
            else {
                throw fault(
                    "Key-value delimiter must appear exactly once in each entry. Bad input: '"
                        + String(decoding: entry, as: UTF8.self) + "'")
            }
            entries.append((Array(entry[..<place]), Array(entry[(place + keyDelimiter.count)...])))
            start = end + entryDelimiter.count
        }
        return entries
    }
}
