import Metastore
import SQLSyntax
import SQLTypes

/// Reads `PARTITION (k = 'v', ...)` against a table's partition keys.
struct PartitionSpecificationReader {
    let table: Table
    /// Evaluates a literal to value and type.
    let constant: (Expression) throws -> (Value, DataType)

    /// Values by key position, as the texts that the catalog keeps.
    /// - Throws: unknown or missing keys, values that are not of the key's type.
    func values(_ specification: PartitionSpecification, at position: SourcePosition) throws -> [String] {
        let found = try conditions(specification)
        return try table.partitionKeys.indices.map { index in
            guard let condition = found.first(where: { $0.key == index }) else {
                throw QueryError(
                    .invalidArguments,
                    "The partition needs a value for the key '\(table.partitionKeys[index].name)' of table \(table.name)",
                    at: position)
            }
            guard condition.comparison == .equal else {
                throw QueryError(.notSupported, "Only '=' is allowed in this PARTITION clause", at: condition.position)
            }
            return condition.text
        }
    }

    struct Condition {
        var key: Int
        var comparison: SQLSyntax.ComparisonOperator
        var text: String
        var upper: String?
        var position: SourcePosition
    }

    func conditions(_ specification: PartitionSpecification) throws -> [Condition] {
        guard !table.partitionKeys.isEmpty else {
            throw QueryError(
                .invalidArguments, "Table \(table.name) is not partitioned", at: specification.first?.column.position)
        }
        return try specification.map { item in
            let name = item.column.canonical
            guard let key = table.partitionKeys.firstIndex(where: { $0.name == name }) else {
                throw QueryError(
                    .columnNotFound,
                    "Table \(table.name) has no partition key '\(name)'"
                        + NearNames.hint(name, among: table.partitionKeys.map(\.name)),
                    at: item.column.position)
            }
            guard let value = item.value else {
                throw QueryError(
                    .notSupported, "The partition key '\(name)' needs a value", at: item.column.position)
            }
            return Condition(
                key: key, comparison: item.comparison, text: try text(value, key),
                upper: try item.upper.map { try text($0, key) },
                position: item.column.position)
        }
    }

    /// A literal as the text of key `key`, checked against the key's type.
    private func text(_ expression: Expression, _ key: Int) throws -> String {
        let (value, type) = try constant(expression)
        if value.isNull { return Partition.nullValue }
        let text = ValueText.print(value, type)
        let column = table.partitionKeys[key]
        let keyType = try column.dataType()
        do {
            _ = try PartitionText.value(text, keyType)
        } catch {
            throw QueryError(
                .hiveInvalidPartitionValue,
                "Invalid value '\(text)' for the partition key '\(column.name)' of type \(column.typeName)",
                at: expression.position)
        }
        return text
    }
}
