import Columnar
import SQLTypes

/// LISTAGG: texts with a separator, and what ON OVERFLOW says for a result beyond Trino's limit.
///
/// ```
/// listagg(value, separator, fails, filler, with count)
/// ON OVERFLOW ERROR                               the query fails
/// ON OVERFLOW TRUNCATE '...' WITH COUNT           a,b,...(17)    17 values are left out
/// ```
final class TextCollector: GroupCollector {
    private var bytes: [UInt8] = []
    /// The lengths of the texts in `bytes`, so that another group's can be added one by one.
    private var lengths: [UInt32] = []
    private var separator: [UInt8] = []
    private var filler: [UInt8] = []
    private var failsOnOverflow = true
    private var showsCount = false
    private var isConfigured = false
    /// Texts that no longer fit.
    private var omitted = 0

    /// Trino's limit of a result, in bytes; what stands for the omitted texts comes on top.
    private static let largest = 1 << 20

    func add(_ arguments: [Vector], _ views: [VectorView], _ row: Int) throws {
        if !isConfigured {
            isConfigured = true
            separator = views[1].bytes(row)
            failsOnOverflow = views[2].load(row, as: UInt8.self) != 0
            filler = views[3].bytes(row)
            showsCount = views[4].load(row, as: UInt8.self) != 0
        }
        try views[0].withText(row) { try append($0) }
    }

    private func append(_ text: UnsafeBufferPointer<UInt8>) throws {
        let isFirst = lengths.isEmpty
        guard omitted == 0, bytes.count + text.count + (isFirst ? 0 : separator.count) <= Self.largest else {
            if failsOnOverflow {
                throw QueryError(
                    .exceededFunctionMemoryLimit,
                    "Concatenated string has the length in bytes larger than the maximum output length \(Self.largest)")
            }
            omitted += 1
            return
        }
        if !isFirst { bytes += separator }
        bytes.append(contentsOf: text)
        lengths.append(UInt32(truncatingIfNeeded: text.count))
    }

    func merge(_ other: TextCollector) throws {
        if !isConfigured {
            isConfigured = other.isConfigured
            separator = other.separator
            filler = other.filler
            failsOnOverflow = other.failsOnOverflow
            showsCount = other.showsCount
        }
        try other.bytes.withUnsafeBufferPointer { texts in
            var start = 0
            for length in other.lengths {
                try append(UnsafeBufferPointer(rebasing: texts[start..<start + Int(length)]))
                start += Int(length) + separator.count
            }
        }
        omitted += other.omitted
    }

    var byteCount: Int { bytes.count + lengths.count * 4 }

    private var result: [UInt8] {
        guard omitted > 0 else { return bytes }
        var out = bytes
        if !lengths.isEmpty { out += separator }
        out += filler
        if showsCount { out += Array("(\(omitted))".utf8) }
        return out
    }

    static func texts(_ groups: [TextCollector?], _ type: DataType) -> Vector {
        let builder = FlatBuilder(type, capacity: groups.count)
        let target = builder.pointer(as: StringView.self)
        for (index, group) in groups.enumerated() {
            if let group {
                target[index] = builder.strings.append(group.result)
            } else {
                builder.setNull(index)
            }
        }
        return builder.finish(count: groups.count)
    }
}
