import Expressions
import SQLSyntax
import SQLTypes

/// The WINDOW clause of a SELECT: windows by name, each possibly built on an earlier one.
struct NamedWindows {
    static let none = NamedWindows()

    private var specifications: [String: WindowSpecification] = [:]
    private var order: [WindowDefinition] = []

    private init() {}

    init(_ definitions: [WindowDefinition]) throws {
        for definition in definitions {
            let name = Self.key(definition.name)
            guard specifications[name] == nil else {
                throw QueryError(
                    .duplicateWindowName, "WINDOW name '\(definition.name.value)' specified more than once",
                    at: definition.name.position)
            }
            order.append(definition)
            specifications[name] = try resolve(definition.specification)
        }
    }

    /// What follows OVER as one specification without a base.
    func resolve(_ window: SQLSyntax.Window) throws -> WindowSpecification {
        switch window {
        case .named(let name): try find(name)
        case .specification(let specification): try resolve(specification)
        }
    }

    /// Window names follow SQL's rule: `w` is `"W"`, not `"w"`.
    private static func key(_ name: Identifier) -> String { name.isDelimited ? name.value : name.value.uppercased() }

    private func find(_ name: Identifier) throws -> WindowSpecification {
        guard let found = specifications[Self.key(name)] else {
            throw QueryError(
                .invalidWindowReference,
                "Cannot resolve WINDOW name \(name.value)" + NearNames.hint(name.value, among: order.map(\.name.value)),
                at: name.position)
        }
        return found
    }

    /// A specification with what its base gives: PARTITION BY always, ORDER BY when it has none itself.
    private func resolve(_ specification: WindowSpecification) throws -> WindowSpecification {
        guard let base = specification.base else { return specification }
        let inherited = try find(base)
        guard specification.partitionBy.isEmpty else {
            throw QueryError(
                .invalidPartitionBy,
                "WINDOW specification with named WINDOW reference cannot specify PARTITION BY",
                at: specification.position)
        }
        guard inherited.orderBy.isEmpty || specification.orderBy.isEmpty else {
            throw QueryError(
                .invalidOrderBy,
                "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY", at: specification.position)
        }
        guard inherited.frame == nil else {
            throw QueryError(
                .invalidWindowReference, "Cannot reference named WINDOW containing frame specification",
                at: base.position)
        }
        var result = specification
        result.base = nil
        result.partitionBy = inherited.partitionBy
        if specification.orderBy.isEmpty { result.orderBy = inherited.orderBy }
        return result
    }

    /// Binds every window once, so that an unused one is checked too.
    func check(with binder: ExpressionBinder) throws {
        for definition in order {
            let specification = try resolve(definition.specification)
            // Trial: what it leaves behind is dropped.
            let stage = Stage(
                clause: binder.stage.clause, aggregates: binder.stage.aggregates == nil ? nil : AggregateCollector(),
                allowsWindows: true)
            var trial = ExpressionBinder(
                context: binder.context, environment: binder.environment, scope: binder.scope, stage: stage)
            trial.enclosing = .window
            for expression in specification.partitionBy { _ = try trial.bind(expression) }
            for item in specification.orderBy { _ = try trial.bind(item.expression) }
        }
    }
}
