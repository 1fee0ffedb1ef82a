import Expressions
import SQLSyntax
import SQLTypes

/// Binds `TABLE(sequence(...))` and `TABLE(exclude_columns(...))`.
struct TableFunctionBinder {
    let context: BindingContext
    let environment: BindingEnvironment

    static let names = ["sequence", "exclude_columns"]

    func bind(_ call: TableFunctionCall, at position: SourcePosition) throws -> BoundRelation {
        let name = call.name.last.canonical
        switch name {
        case "sequence": return try sequence(try arguments(call, ["start", "stop", "step"], position), position)
        case "exclude_columns":
            return try excludeColumns(try arguments(call, ["input", "columns"], position), position)
        default:
            throw QueryError(
                .functionNotFound,
                "Table function '\(name)' not registered" + NearNames.hint(name, among: Self.names),
                at: position)
        }
    }

    /// Arguments by name: all named, or all in order.
    private func arguments(
        _ call: TableFunctionCall, _ names: [String], _ position: SourcePosition
    ) throws -> [String: TableFunctionArgument] {
        guard call.arguments.count <= names.count else {
            throw QueryError(
                .invalidArguments,
                "Too many arguments. Expected at most \(names.count) arguments, got \(call.arguments.count) arguments",
                at: position)
        }
        let namedCount = call.arguments.filter { $0.name != nil }.count
        guard namedCount == 0 || namedCount == call.arguments.count else {
            throw QueryError(
                .invalidArguments, "All arguments must be passed by name or all must be passed positionally",
                at: position)
        }
        var result: [String: TableFunctionArgument] = [:]
        for (index, argument) in call.arguments.enumerated() {
            let name = argument.name?.canonical ?? names[index]
            guard names.contains(name) else {
                throw QueryError(.invalidArguments, "Unexpected argument name: \(name)", at: argument.position)
            }
            guard result.updateValue(argument, forKey: name) == nil else {
                throw QueryError(.invalidArguments, "Duplicate argument name: \(name)", at: argument.position)
            }
        }
        return result
    }

    private func sequence(
        _ arguments: [String: TableFunctionArgument], _ position: SourcePosition
    ) throws -> BoundRelation {
        func value(_ name: String, default standard: Int64?) throws -> BoundExpression {
            guard let argument = arguments[name] else {
                guard let standard else {
                    throw QueryError(.invalidArguments, "Missing argument: \(name.uppercased())", at: position)
                }
                return .constant(.int(standard), .bigint)
            }
            guard case .expression(let expression) = argument.value else {
                throw QueryError(
                    .invalidArguments, "Invalid argument \(name.uppercased()). Expected expression",
                    at: argument.position)
            }
            let stage = Stage(clause: "Table function argument")
            let binder = ExpressionBinder(
                context: context, environment: environment, scope: Scope([], parent: environment.outer), stage: stage)
            let bound = try binder.bind(expression)
            guard stage.steps.isEmpty, bound.type == .unknown || TypeCoercion.canCoerce(bound.type, to: .bigint) else {
                throw QueryError(
                    .typeMismatch,
                    "Invalid argument \(name.uppercased()). Expected expression of type bigint, got \(bound.type.displayName)",
                    at: argument.position)
            }
            return Coercion(context: context).coerce(bound, to: .bigint)
        }
        let column = context.columns.make("sequential_number", .bigint)
        let plan = LogicalPlan.tableFunction(
            name: "sequence",
            arguments: [
                try value("start", default: 0), try value("stop", default: nil), try value("step", default: 1),
            ], columns: [column])
        return BoundRelation(plan: plan, fields: [Scope.Field(name: column.name, column: column)])
    }

    private func excludeColumns(
        _ arguments: [String: TableFunctionArgument], _ position: SourcePosition
    ) throws -> BoundRelation {
        guard let input = arguments["input"], case .table(let table) = input.value else {
            throw QueryError(.invalidArguments, "Missing argument: INPUT", at: position)
        }
        guard let columns = arguments["columns"], case .descriptor(let excluded) = columns.value else {
            throw QueryError(.invalidArguments, "COLUMNS descriptor is null", at: position)
        }
        let relation = try FromBinder(context: context, environment: environment).bind(table.relation)
        let visible = relation.fields.filter { !$0.isHidden }
        let known = visible.compactMap { $0.name?.lowercased() }
        for field in excluded where !known.contains(field.name.canonical) {
            throw QueryError(
                .invalidFunctionArgument,
                "Excluded columns: [\(field.name.canonical)] not present in the table"
                    + NearNames.hint(field.name.canonical, among: known), at: field.name.position)
        }
        let names = Set(excluded.map(\.name.canonical))
        let kept = visible.filter { field in field.name.map { !names.contains($0.lowercased()) } ?? true }
        guard !kept.isEmpty else {
            throw QueryError(.invalidFunctionArgument, "All columns are excluded", at: position)
        }
        return BoundRelation(
            plan: relation.plan, fields: kept.map { Scope.Field(name: $0.name, column: $0.column) })
    }
}
