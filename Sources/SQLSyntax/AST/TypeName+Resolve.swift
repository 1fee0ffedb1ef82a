import SQLTypes

/// Which of Athena's two languages a statement is written in.
public enum Dialect: Hashable, Sendable {
    /// Queries, CTAS, INSERT, views and everything else: Trino's SQL.
    case trino
    /// CREATE EXTERNAL TABLE, ALTER, DROP TABLE, MSCK, SHOW, DESCRIBE: Hive's DDL.
    case hive
}

extension TypeName {
    /// The type that the text names: `string` and `struct` exist only in Hive's DDL, `varbinary` and `row` only in
    /// Trino's SQL.
    ///
    /// - Throws: TYPE_NOT_FOUND or a range error, at the type's position.
    public func resolve(in dialect: Dialect) throws -> DataType {
        do {
            switch kind {
            case .named(let name, let parameters):
                let arguments = try parameters.map { parameter -> TypeFactory.Argument in
                    switch parameter {
                    case .number(let number): .number(number)
                    case .type(let type): .type(try type.resolve(in: dialect))
                    }
                }
                switch dialect {
                case .trino: return try TypeFactory.trino(name.canonical, arguments)
                case .hive: return try TypeFactory.hive(name.canonical, arguments)
                }
            case .row(let fields):
                return .row(
                    try fields.map { field in
                        RowField(
                            name: field.name.map { dialect == .hive || !$0.isDelimited ? $0.canonical : $0.value },
                            type: try field.type.resolve(in: dialect))
                    })
            case .time(let precision, let hasZone):
                return try TypeFactory.dateTime(
                    isTimestamp: false, precision: try Self.number(precision), hasZone: hasZone)
            case .timestamp(let precision, let hasZone):
                if dialect == .hive, precision == nil, !hasZone { return try TypeFactory.hive("timestamp") }
                return try TypeFactory.dateTime(
                    isTimestamp: true, precision: try Self.number(precision), hasZone: hasZone)
            case .interval(from: .year, to: .month): return .intervalYearToMonth
            case .interval(from: .day, to: .second): return .intervalDayToSecond
            case .interval(let from, let to):
                let text =
                    "interval \(from.rawValue.lowercased())" + (to.map { " to \($0.rawValue.lowercased())" } ?? "")
                throw QueryError(.typeNotFound, "Unknown type: \(text)")
            }
        } catch let error as QueryError {
            throw error.at(position)
        }
    }

    private static func number(_ precision: Parameter?) throws -> Int {
        switch precision {
        case nil: return TypeFactory.defaultTimePrecision
        case .number(let number): return number
        case .type(let type): throw QueryError(.typeMismatch, "A precision must be a number", at: type.position)
        }
    }
}
