import Expressions
import SQLSyntax
import SQLTypes

/// ORDER BY, OFFSET and LIMIT of one query, with the row counts known.
struct Ordering {
    var items: [SortItem]
    var offset: Int
    /// Nil: no limit.
    var limit: Int?
    var withTies: Bool
    /// False where the order cannot be seen: a subquery without a limit.
    var keepsOrder: Bool

    static let none = Ordering(items: [], offset: 0, limit: nil, withTies: false, keepsOrder: false)

    private init(items: [SortItem], offset: Int, limit: Int?, withTies: Bool, keepsOrder: Bool) {
        self.items = items
        self.offset = offset
        self.limit = limit
        self.withTies = withTies
        self.keepsOrder = keepsOrder
    }

    init(_ query: Query, context: BindingContext, keepsOrder: Bool) throws {
        items = query.orderBy
        offset = 0
        limit = nil
        withTies = false
        if let clause = query.offset {
            offset = try Self.count(clause.count, of: "OFFSET", at: clause.position, context: context)
        }
        if let clause = query.limit {
            switch clause.form {
            case .all: break
            case .count(let count):
                limit = try Self.count(count, of: "LIMIT", at: clause.position, context: context)
            case .fetch(let count, let ties):
                let rows =
                    try count.map { try Self.count($0, of: "FETCH FIRST", at: clause.position, context: context) } ?? 1
                guard rows > 0 || context.describesParameters else {
                    throw QueryError(
                        .numericValueOutOfRange, "FETCH FIRST row count must be positive (actual value: \(rows))",
                        at: clause.position)
                }
                if ties, query.orderBy.isEmpty {
                    throw QueryError(
                        .missingOrderBy, "FETCH FIRST WITH TIES clause requires ORDER BY", at: clause.position)
                }
                limit = rows
                withTies = ties
            }
        }
        self.keepsOrder = keepsOrder || limit != nil || offset > 0
    }

    private static func count(
        _ count: RowCount, of clause: String, at position: SourcePosition, context: BindingContext
    ) throws -> Int {
        switch count {
        case .count(let number):
            guard number >= 0 else {
                throw QueryError(
                    .numericValueOutOfRange,
                    "\(clause) row count must be greater or equal to 0 (actual value: \(number))",
                    at: position)
            }
            return Int(number)
        case .parameter(let index):
            if context.describesParameters {
                context.parameterTypes[index] = .bigint
                return 0
            }
            guard let parameters = context.session.parameters, index < parameters.count else {
                throw ExpressionBinder.missingParameter(index, context, at: position)
            }
            guard parameters[index].type.isInteger, case .int(let number) = parameters[index].value else {
                throw QueryError(
                    .typeMismatch,
                    "\(clause) parameter must be an integer, not \(parameters[index].type.displayName)", at: position)
            }
            return try Self.count(.count(number), of: clause, at: position, context: context)
        }
    }

    /// The output position that a bare integer in ORDER BY or GROUP BY means, from 0; nil for anything else.
    static func ordinal(_ expression: Expression, count: Int, clause: String = "ORDER BY") throws -> Int? {
        guard case .integer(let number) = expression.kind else { return nil }
        guard number >= 1, number <= count else {
            throw QueryError(
                .invalidColumnReference, "\(clause) position \(number) is not in select list", at: expression.position)
        }
        return Int(number) - 1
    }

    /// The sort key for a bound item.
    func key(_ expression: BoundExpression, _ item: SortItem) throws -> PendingWindow.Order {
        guard expression.type.isOrderable else {
            throw QueryError(
                .typeMismatch,
                "Type \(expression.type.displayName) is not orderable, and therefore cannot be used in ORDER BY",
                at: item.position)
        }
        return PendingWindow.Order(
            expression: expression, isAscending: !item.isDescending, nullsFirst: item.hasNullsFirst)
    }

    /// Sorts and limits; the keys are computed over the builder's columns.
    func apply(to builder: inout PlanBuilder, keys: [PendingWindow.Order]) {
        let visible = keys.filter { if case .constant = $0.expression { false } else { true } }
        if keepsOrder, !visible.isEmpty {
            let columns = builder.compute(visible.map(\.expression), name: "sort")
            let sortKeys = SortKey.distinct(
                zip(visible, columns).map { SortKey($1, isAscending: $0.isAscending, nullsFirst: $0.nullsFirst) })
            if let limit {
                builder.replace(
                    .topN(builder.plan, sortKeys, count: limit, offset: offset, withTies: withTies))
                return
            }
            builder.replace(.sort(builder.plan, sortKeys))
        }
        // All rows are ties of each other when only constants order them.
        let count = withTies && visible.isEmpty ? nil : limit
        if count != nil || offset > 0 { builder.replace(.limit(builder.plan, count: count, offset: offset)) }
    }
}
