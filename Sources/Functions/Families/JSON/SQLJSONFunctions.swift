import Columnar
import SQLTypes

/// What `json_exists`, `json_value` and `json_query` are bound to. What their clauses say comes as constant texts.
///
/// ```
/// $json_exists(input, path, passing, on error)
/// $json_value(input, path, passing, default on empty, default on error, on empty, on error)
/// $json_query(input, path, passing, wrapper, quotes, on empty, on error)
/// ```
enum SQLJSONFunctions {
    static let scalars: [ScalarFunction] = [exists, value, query]

    private static let exists = ScalarFunction(
        "$json_exists", "(varchar, varchar, varchar, varchar) -> boolean", summary: "Whether a JSON path finds an item",
        cannotRaise: false, isHidden: true,
        examples: [
            FunctionExample("json_exists('[1, 2]', 'lax $[*]?(@ > 1)')", "true"),
            FunctionExample("json_exists(NULL, 'lax $')", "NULL"),
            FunctionExample("json_exists('[1', 'lax $' ERROR ON ERROR)", "JSON_INPUT_CONVERSION_ERROR"),
        ]
    ) { _ in
        let caches = SQLJSONCaches()
        return { call in
            try TextDriver.values(call, as: .boolean, UInt8.self, cannotRaise: false) { row, views in
                switch caches.run(views, row) {
                case .success(let found): return found.isEmpty ? 0 : 1
                case .failure(let error):
                    switch views[3].string(row) {
                    case "TRUE": return 1
                    case "UNKNOWN": return nil
                    case "ERROR": throw error
                    default: return 0
                    }
                }
            }
        }
    }

    // MARK: json_query

    private static let query = ScalarFunction(
        "$json_query", "(varchar, varchar, varchar, varchar, varchar, varchar, varchar) -> varchar",
        summary: "The JSON that a JSON path finds", cannotRaise: false, isHidden: true,
        examples: [
            FunctionExample("json_query('{\"a\": [1, 2]}', 'lax $.a')", "[1,2]"),
            FunctionExample("json_query('[1, 2]', 'lax $[*]' WITH ARRAY WRAPPER)", "[1,2]"),
            FunctionExample("json_query('[\"x\"]', 'lax $[0]' OMIT QUOTES)", "x"),
            FunctionExample("json_query('[1, 2]', 'lax $[*]')", "NULL"),
        ]
    ) { signature in
        let caches = SQLJSONCaches()
        return { call in
            try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                switch wrapped(caches.run(views, row), views[3].string(row)) {
                case .success(.string(let text)?) where views[4].string(row) == "OMIT": return heap.append(text)
                case .success(let result?): return heap.append(result.text)
                case .success(nil):
                    return try behave(views[5].string(row), heap, outputError("JSON path found no items"))
                case .failure(let error): return try behave(views[6].string(row), heap, error)
                }
            }
        }
    }

    /// The one JSON value that comes out; nil for no items.
    private static func wrapped(
        _ found: Result<[JSONValue], QueryError>, _ wrapper: String
    ) -> Result<JSONValue?, QueryError> {
        found.flatMap { items in
            guard let first = items.first else { return .success(nil) }
            switch wrapper {
            case "UNCONDITIONAL": return .success(.array(items))
            case "CONDITIONAL": return .success(items.count == 1 && first.isContainer ? first : .array(items))
            default:
                return items.count == 1
                    ? .success(first) : .failure(outputError("JSON path found multiple items"))
            }
        }
    }

    private static func behave(_ behavior: String, _ heap: StringHeap, _ error: QueryError) throws -> StringView? {
        switch behavior {
        case "EMPTY ARRAY": return heap.append("[]")
        case "EMPTY OBJECT": return heap.append("{}")
        case "ERROR": throw error
        default: return nil
        }
    }

    private static func outputError(_ reason: String) -> QueryError {
        QueryError(.jsonOutputConversionError, "conversion from JSON failed: \(reason)")
    }

    // MARK: json_value

    private static let value = ScalarFunction(
        "$json_value", "(varchar, varchar, varchar, R, R, varchar, varchar) -> R",
        summary: "The scalar that a JSON path finds, as a SQL value", nulls: .handled, cannotRaise: false,
        isHidden: true,
        examples: [
            FunctionExample("json_value('{\"a\": 5}', 'lax $.a' RETURNING integer)", "5"),
            FunctionExample("json_value('{}', 'lax $.a' DEFAULT 'none' ON EMPTY)", "none"),
            FunctionExample("json_value('[1, 2]', 'lax $[*]')", "NULL"),
            FunctionExample("json_value('[1, 2]', 'lax $[*]' ERROR ON ERROR)", "JSON_VALUE_RESULT_ERROR"),
        ]
    ) { signature in
        let caches = SQLJSONCaches()
        let type = signature.result
        return { call in
            let views = call.arguments.map(\.view)
            let (onEmpty, onError) = (call.arguments[3], call.arguments[4])
            var results = [Value](repeating: .null, count: call.rows.count)
            try call.rows.forEach { row in
                for place in [0, 1, 2] where !views[place].isValid(row) { return }
                func behave(_ behavior: VectorView, _ fallback: Vector, _ error: QueryError) throws -> Value {
                    switch behavior.string(row) {
                    case "ERROR": throw error
                    case "DEFAULT": fallback.value(at: row)
                    default: .null
                    }
                }
                switch scalar(caches.run(views, row), type) {
                case .success(let value?): results[row] = value
                case .success(nil):
                    results[row] = try behave(views[5], onEmpty, resultError("JSON path found no items"))
                case .failure(let error): results[row] = try behave(views[6], onError, error)
                }
            }
            return Vector.fromValues(results, type)
        }
    }

    /// The one scalar as a SQL value; nil for no items.
    private static func scalar(
        _ found: Result<[JSONValue], QueryError>, _ type: DataType
    ) -> Result<Value?, QueryError> {
        found.flatMap { items in
            guard let first = items.first else { return .success(nil) }
            if items.count > 1 { return .failure(resultError("JSON path found multiple items")) }
            guard !first.isContainer, let value = JSONCasts.scalar(first, as: type) else {
                return .failure(resultError("JSON path found an item that cannot be converted to an SQL value"))
            }
            return .success(value)
        }
    }

    private static func resultError(_ reason: String) -> QueryError {
        QueryError(.jsonValueResultError, "cannot extract SQL scalar from JSON: \(reason)")
    }
}

extension JSONValue {
    /// An array or object.
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        case .null, .bool, .number, .string: false
        }
    }
}

/// The last path and PASSING clause of a call, taken apart.
final class SQLJSONCaches {
    private var pathText: [UInt8] = []
    private var path: SQLJSONPath?
    private var passingText: String?
    private var passing: [String: JSONValue] = [:]

    /// The items that the path finds: the arguments begin with input, path, passing.
    func run(_ views: [VectorView], _ row: Int) -> Result<[JSONValue], QueryError> {
        if let path = try? path(views[1], row), let plain = path.plain, let item = scan(plain, views[0], row) {
            return .success([item])
        }
        let document: JSONValue
        do throws(JSONError) {
            document = JSONText.withCanonicalNumbers(try JSONValue.parse(bytes: views[0].bytes(row)))
        } catch {
            return .failure(QueryError(.jsonInputConversionError, "conversion to JSON failed: \(error.message)"))
        }
        do {
            let path = try path(views[1], row)
            let evaluator = SQLJSONEvaluator(path: path, document: document, variables: variables(views[2], row))
            return .success(try evaluator.run())
        } catch let error as SQLJSONEvaluator.Failure {
            return .failure(QueryError(.pathEvaluationError, "path evaluation failed: \(error.message)"))
        } catch let error as QueryError {
            return .failure(error)
        } catch {
            return .failure(QueryError(.pathEvaluationError, "path evaluation failed"))
        }
    }

    /// The one value at a plain path; nil leaves it to the tree: for what is missing, too, for the reason counts.
    private func scan(_ path: JSONPath, _ view: VectorView, _ row: Int) -> JSONValue? {
        view.withText(row) { text in
            guard case .found(let range) = JSONScanner.find(text, path, isExact: true),
                let value = try? JSONValue.parse(bytes: Array(text[range]))
            else { return nil }
            return JSONText.withCanonicalNumbers(value)
        }
    }

    private func path(_ view: VectorView, _ row: Int) throws -> SQLJSONPath {
        try view.withText(row) { text in
            if let path, text.elementsEqual(pathText) { return path }
            let made = try SQLJSONPath(String(decoding: text, as: UTF8.self))
            pathText = Array(text)
            path = made
            return made
        }
    }

    private func variables(_ view: VectorView, _ row: Int) -> [String: JSONValue] {
        let text = view.string(row)
        if text == passingText { return passing }
        passingText = text
        passing = [:]
        if case .object(let members)? = try? JSONValue.parse(text) {
            for member in members { passing[member.key] = member.value }
        }
        return passing
    }
}
