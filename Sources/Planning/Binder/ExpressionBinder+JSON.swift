import Expressions
import Functions
import SQLSyntax
import SQLTypes

/// json_exists, json_value, json_query, json_object and json_array: their clauses become constant arguments of hidden
/// functions.
extension ExpressionBinder {
    func bindJSONExists(_ call: JSONExists, at position: SourcePosition) throws -> BoundExpression {
        let behavior = call.onError ?? .false
        return try self.call(
            "$json_exists", try bindPath(call.path) + [text(behavior.rawValue)], at: position)
    }

    func bindJSONValue(_ call: JSONValueCall, at position: SourcePosition) throws -> BoundExpression {
        let type = try call.returning?.resolve(in: .trino) ?? .varcharUnbounded
        guard Self.isScalarResult(type) else {
            throw QueryError(
                .typeMismatch, "Invalid return type of function JSON_VALUE: \(type.displayName)", at: position)
        }
        let (emptyDefault, onEmpty) = try bindBehavior(call.onEmpty, type)
        let (errorDefault, onError) = try bindBehavior(call.onError, type)
        return try self.call(
            "$json_value", try bindPath(call.path) + [emptyDefault, errorDefault, onEmpty, onError], at: position)
    }

    func bindJSONQuery(_ call: JSONQueryCall, at position: SourcePosition) throws -> BoundExpression {
        let wrapper: String
        switch call.wrapper ?? .without {
        case .without: wrapper = "WITHOUT"
        case .conditional: wrapper = "CONDITIONAL"
        case .unconditional: wrapper = "UNCONDITIONAL"
        }
        var omitsQuotes = false
        if let quotes = call.quotes {
            omitsQuotes = quotes == .omit || quotes == .omitOnScalar
            guard wrapper == "WITHOUT" else {
                throw QueryError(
                    .invalidFunctionArgument,
                    "\(omitsQuotes ? "OMIT" : "KEEP") QUOTES behavior specified with WITH \(wrapper) ARRAY WRAPPER behavior",
                    at: position)
            }
        }
        let result = try self.call(
            "$json_query",
            try bindPath(call.path) + [
                text(wrapper), text(omitsQuotes ? "OMIT" : "KEEP"), text((call.onEmpty ?? .null).rawValue),
                text((call.onError ?? .null).rawValue),
            ], at: position)
        return try returning(result, call.output, "JSON_QUERY", at: position)
    }

    func bindJSONObject(_ call: JSONObjectCall, at position: SourcePosition) throws -> BoundExpression {
        let isUnique = call.hasUniqueKeys == true
        var arguments = [
            text(call.nullTreatment == .absent ? "ABSENT" : "NULL"), text(isUnique ? "UNIQUE" : ""),
        ]
        for member in call.members {
            let key = try bind(member.key)
            switch key.type {
            case .varchar, .char, .unknown: break
            default:
                throw QueryError(
                    .typeMismatch, "Invalid type of JSON object key: \(key.type.displayName)", at: member.key.position)
            }
            if isUnique, member.value.format != nil {
                throw QueryError(
                    .notSupported,
                    "WITH UNIQUE KEYS behavior is not supported for JSON_OBJECT function when input expression has FORMAT",
                    at: member.value.value.position)
            }
            arguments.append(coercion.coerce(key, to: .varcharUnbounded))
            arguments.append(try bindItem(member.value))
        }
        return try returning(
            try self.call("$json_object", arguments, at: position), call.output, "JSON_OBJECT", at: position)
    }

    func bindJSONArray(_ call: JSONArrayCall, at position: SourcePosition) throws -> BoundExpression {
        let nulls = text(call.nullTreatment == .null ? "NULL" : "ABSENT")
        return try returning(
            try self.call("$json_array", [nulls] + call.elements.map(bindItem), at: position), call.output,
            "JSON_ARRAY", at: position)
    }

    // MARK: Parts

    private func text(_ text: String) -> BoundExpression { .constant(.string(text), .varcharUnbounded) }

    /// The input as JSON text, the path, and the passed values as a JSON object.
    private func bindPath(_ invocation: JSONPathInvocation) throws -> [BoundExpression] {
        let input = try bindText(invocation.input)
        let path: SQLJSONPath
        do { path = try SQLJSONPath(invocation.path) } catch let error as QueryError {
            throw error.at(invocation.pathPosition)
        }
        var members = [text("NULL"), text("")]
        var names: Set<String> = []
        for argument in invocation.passing {
            // The path language tells cases apart, and names without quotes are upper-case in SQL.
            let name = argument.name.isDelimited ? argument.name.value : argument.name.value.uppercased()
            guard names.insert(name).inserted else {
                throw QueryError(
                    .duplicateParameterName, "\(name) JSON path parameter is specified more than once",
                    at: argument.name.position)
            }
            members += [text(name), try bindItem(argument.value)]
        }
        for name in path.variables.sorted() where !names.contains(name) {
            let advice =
                names.contains(name.uppercased()) ? ". Try quoting \"\(name)\" in the PASSING clause to match case" : ""
            throw QueryError(
                .invalidPath, "no value passed for parameter \(name)\(advice)", at: invocation.pathPosition)
        }
        let passing = names.isEmpty ? text("{}") : try call("$json_object", members, at: invocation.pathPosition)
        return [input, text(invocation.path), passing]
    }

    /// An input of JSON as its text.
    private func bindText(_ input: JSONInput) throws -> BoundExpression {
        let bound = try bind(input.value)
        let position = input.value.position
        switch bound.type {
        case .varchar, .unknown: return coercion.coerce(bound, to: .varcharUnbounded)
        case .char: return .cast(bound, to: .varcharUnbounded, isTry: false)
        case .json: return try call("json_format", [bound], at: position)
        case .varbinary: return try call("$json_decode", [bound, text(Self.encoding(input.format))], at: position)
        default:
            throw QueryError(
                .typeMismatch, "Cannot read input of type \(bound.type.displayName) as JSON using formatting JSON",
                at: position)
        }
    }

    private static func encoding(_ format: JSONFormat?) -> String {
        switch format {
        case .utf16: "UTF16"
        case .utf32: "UTF32"
        case .json, .utf8, nil: "UTF8"
        }
    }

    /// A value that becomes an item of JSON: JSON by FORMAT or by what makes it, a scalar, or else its text.
    private func bindItem(_ input: JSONInput) throws -> BoundExpression {
        switch input.value.kind {
        case .jsonQuery, .jsonObject, .jsonArray:
            return try call("$json_item", [try bindText(input)], at: input.value.position)
        default: break
        }
        if input.format != nil { return try call("$json_item", [try bindText(input)], at: input.value.position) }
        let bound = try bind(input.value)
        switch bound.type {
        case .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .varchar, .char, .json,
            .unknown:
            return bound
        default:
            guard CastRules.canCast(bound.type, to: .varcharUnbounded) else {
                throw QueryError(
                    .typeMismatch, "Cannot cast \(bound.type.displayName) to varchar", at: input.value.position)
            }
            return .cast(bound, to: .varcharUnbounded, isTry: false)
        }
    }

    /// The default value of a clause (NULL for none), and what the clause says.
    private func bindBehavior(
        _ behavior: JSONValueCall.Behavior?, _ type: DataType
    ) throws -> (value: BoundExpression, says: BoundExpression) {
        switch behavior {
        case .error: return (.null(type), text("ERROR"))
        case .default(let expression):
            let bound = try bind(expression)
            guard TypeCoercion.canCoerce(bound.type, to: type) || CastRules.canCast(bound.type, to: type) else {
                throw QueryError(
                    .typeMismatch,
                    "Function JSON_VALUE default value must evaluate to a \(type.displayName) (actual: \(bound.type.displayName))",
                    at: expression.position)
            }
            let value = coercion.coerce(bound, to: type)
            // It must not fail where it is not wanted.
            if case .constant = value { return (value, text("DEFAULT")) }
            return (.tryExpression(value), text("DEFAULT"))
        case .null, nil: return (.null(type), text("NULL"))
        }
    }

    private static func isScalarResult(_ type: DataType) -> Bool {
        switch type {
        case .varchar, .char, .boolean, .tinyint, .smallint, .integer, .bigint, .real, .double, .decimal, .date, .time,
            .timeWithTimeZone, .timestamp, .timestampWithTimeZone:
            true
        default: false
        }
    }

    /// RETURNING: another type of text, or bytes in an encoding.
    private func returning(
        _ result: BoundExpression, _ output: JSONOutput?, _ name: String, at position: SourcePosition
    ) throws -> BoundExpression {
        guard let output else { return result }
        let type = try output.type.resolve(in: .trino)
        switch type {
        case .varchar, .char: return coercion.coerce(result, to: type)
        case .varbinary:
            return try call("$json_encode", [result, text(Self.encoding(output.format))], at: position)
        default:
            throw QueryError(
                .typeMismatch, "Cannot output JSON value as \(type.displayName) using formatting JSON", at: position)
        }
    }
}
