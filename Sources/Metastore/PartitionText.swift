import SQLTypes

/// Partition values: the texts that the catalog and folder names hold, read as the key's type.
public enum PartitionText {
    /// The typed value; the NULL marker is NULL.
    /// - Throws: HIVE_INVALID_PARTITION_VALUE for a text that is not of the type.
    public static func value(_ text: String, _ type: DataType) throws -> Value {
        if text == Partition.nullValue { return .null }
        do {
            return try ValueParser.parse(text, as: type)
        } catch {
            throw QueryError(
                .hiveInvalidPartitionValue,
                "Invalid partition value '\(text)' for a partition key of type \(type.hiveName)")
        }
    }

    /// Whether `text` compares to `wanted` as `comparison` (`=`, `<>`, `<`, `<=`, `>`, `>=`) says, in the key's type;
    /// with `upper`, whether it lies between the two. NULL matches only `=` NULL.
    public static func matches(
        _ text: String, _ type: DataType, _ comparison: String, _ wanted: String, upper: String? = nil
    ) throws -> Bool {
        let left = try value(text, type)
        let right = try value(wanted, type)
        if left.isNull || right.isNull { return comparison == "=" && left.isNull && right.isNull }
        guard let order = Value.compare(left, right, as: type) else { return false }
        if let upper {
            guard let high = Value.compare(left, try value(upper, type), as: type) else { return false }
            return order >= 0 && high <= 0
        }
        switch comparison {
        case "=": return order == 0
        case "<>": return order != 0
        case "<": return order < 0
        case "<=": return order <= 0
        case ">": return order > 0
        default: return order >= 0
        }
    }
}
