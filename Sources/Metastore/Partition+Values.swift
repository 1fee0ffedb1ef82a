import SQLTypes

extension Partition {
    /// A partition value's text as a value of its key's type; `nullValue` is NULL.
    /// - Throws: HIVE_INVALID_PARTITION_VALUE when the text is none of the type.
    public static func value(_ text: String, of type: DataType, key: String) throws -> Value {
        if text == nullValue { return .null }
        if type.physical == .string { return .string(text) }
        do {
            return try ValueParser.parse(text, as: type)
        } catch {
            throw QueryError(
                .hiveInvalidPartitionValue,
                "Invalid partition value '\(text)' for \(type.displayName) partition key: \(key)")
        }
    }
}
