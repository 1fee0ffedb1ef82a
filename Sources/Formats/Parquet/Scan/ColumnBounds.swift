import Columnar
import SQLTypes
import Storage

/// Smallest and largest value of a chunk or page in the table's type, as far as the file can be trusted with them.
struct ColumnBounds {
    var minimum: Value?
    var maximum: Value?
    /// The bounds occur among the values.
    var areExact = false
    var nullCount: Int?

    /// Bounds of a column chunk.
    init(_ footer: ParquetFooter, rowGroup: Int, _ node: SchemaNode, _ adapter: ValueAdapter) {
        let chunk = footer.chunk(rowGroup, node.leafIndex)
        let statistics = chunk.statistics
        nullCount = statistics.nullCount >= 0 ? statistics.nullCount : nil
        if node.definitionLevel == 0 { nullCount = 0 }
        guard Self.hasUsableOrder(node, adapter) else { return }
        let isSigned = Self.isSignedInteger(node)
        let hasOrder = footer.hasTypeOrder[node.leafIndex]
        var (low, high) = (statistics.minimum, statistics.maximum)
        var isDeprecated = false
        if !hasOrder || (low.count < 0 && high.count < 0) {
            // Without a stated order only signed integers compare the same under every reading.
            guard isSigned else { return }
            if low.count < 0, high.count < 0 {
                (low, high) = (statistics.oldMinimum, statistics.oldMaximum)
                isDeprecated = true
            }
        }
        minimum = footer.slice(low).flatMap { Self.value($0, node, adapter) }
        maximum = footer.slice(high).flatMap { Self.value($0, node, adapter) }
        switch node.stored {
        case .int32, .int64, .boolean:
            areExact = isSigned || (node.stored == .boolean && !isDeprecated)
        case .byteArray: areExact = statistics.minimumIsExact && statistics.maximumIsExact
        default: areExact = false
        }
        if adapter.mayMergeValues { areExact = false }
    }

    /// Bounds of a page.
    init(_ bounds: ChunkPageIndex.Bounds, _ node: SchemaNode, _ adapter: ValueAdapter) {
        if bounds.nullCount >= 0 { nullCount = bounds.nullCount }
        if node.definitionLevel == 0 { nullCount = 0 }
        guard !bounds.isNullPage, Self.hasUsableOrder(node, adapter) else { return }
        minimum = Self.value(bounds.minimum, node, adapter)
        maximum = Self.value(bounds.maximum, node, adapter)
    }

    /// How many NULLs the table sees; nil when unknown: values that its type cannot hold become NULL too.
    func knownNullCount(_ adapter: ValueAdapter) -> Int? {
        !adapter.mayRefuseValues || (minimum != nil && maximum != nil) ? nullCount : nil
    }

    /// Whether the page index of the column can be trusted.
    static func hasUsablePageIndex(_ footer: ParquetFooter, _ node: SchemaNode, _ adapter: ValueAdapter) -> Bool {
        hasUsableOrder(node, adapter) && (footer.hasTypeOrder[node.leafIndex] || isSignedInteger(node))
    }

    private static func isSignedInteger(_ node: SchemaNode) -> Bool {
        guard node.stored == .int32 || node.stored == .int64 else { return false }
        if case .integer(_, let isSigned) = node.annotation { return isSigned }
        return true
    }

    private static func hasUsableOrder(_ node: SchemaNode, _ adapter: ValueAdapter) -> Bool {
        guard adapter.keepsOrder else { return false }
        switch node.annotation {
        case .interval, .other, .unknown, .float16: return false
        case .decimal:
            if case .decimal = adapter.type { return true }
            return false
        default: return true
        }
    }

    /// A plain-encoded value in the table's type; nil where it cannot be one (NaN included).
    static func value(_ bytes: [UInt8], _ node: SchemaNode, _ adapter: ValueAdapter) -> Value? {
        guard let stored = node.stored else { return nil }
        // Room for readers that load wide.
        var padded = bytes
        padded.append(contentsOf: repeatElement(0, count: 64))
        let value: Value? = padded.withUnsafeBytes { raw -> Value? in
            guard let start = raw.baseAddress else { return nil }
            if stored == .byteArray {
                var view = StringView(start.assumingMemoryBound(to: UInt8.self), bytes.count)
                return withUnsafeBytes(of: &view) { one in
                    guard let address = one.baseAddress else { return nil }
                    return (try? adapter.convert(address, 1, owners: []))?.value(at: 0)
                }
            }
            guard bytes.count == adapter.storedByteCount, !bytes.isEmpty else { return nil }
            return (try? adapter.convert(start, 1, owners: []))?.value(at: 0)
        }
        switch value {
        case .real(let number) where number.isNaN: return nil
        case .double(let number) where number.isNaN: return nil
        default: return value
        }
    }
}
