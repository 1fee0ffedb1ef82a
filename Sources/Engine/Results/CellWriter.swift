import Columnar
import SQLTypes

/// Appends cells of one column as value text, straight from the vector for the usual types.
public struct CellWriter {
    public let type: DataType
    private let vector: Vector
    private let view: VectorView

    public init(_ vector: Vector, _ type: DataType) {
        self.vector = vector
        self.type = type
        view = vector.view
    }

    public func isNull(_ row: Int) -> Bool { !view.isValid(row) }

    /// The text of a cell that is not NULL.
    public func append(_ row: Int, to out: inout [UInt8]) {
        switch type {
        case .boolean: out.append(contentsOf: (view.load(row, as: UInt8.self) != 0 ? "true" : "false").utf8)
        case .tinyint: ValueText.appendInteger(Int64(view.load(row, as: Int8.self)), to: &out)
        case .smallint: ValueText.appendInteger(Int64(view.load(row, as: Int16.self)), to: &out)
        case .integer: ValueText.appendInteger(Int64(view.load(row, as: Int32.self)), to: &out)
        case .bigint: ValueText.appendInteger(view.load(row, as: Int64.self), to: &out)
        case .double: FloatText.append(view.load(row, as: Double.self), to: &out)
        case .real: FloatText.append(view.load(row, as: Float.self), to: &out)
        case .date: ValueText.appendDate(Int(view.load(row, as: Int32.self)), to: &out)
        case .decimal(let precision, let scale) where precision <= DataType.maxShortDecimalPrecision:
            ValueText.appendShortDecimal(view.load(row, as: Int64.self), scale: scale, to: &out)
        case .timestamp(let precision) where precision <= 6:
            ValueText.appendTimestamp(micros: view.load(row, as: Int64.self), precision: precision, to: &out)
        case .varchar, .json: view.load(row, as: StringView.self).withBytes { out.append(contentsOf: $0) }
        default: ValueText.append(vector.value(at: row), type, to: &out)
        }
    }

    /// The cell as the line protocol's JSON, `null` included.
    public func appendJSON(_ row: Int, bigintAsText: Bool = false, to out: inout [UInt8]) {
        if isNull(row) {
            out.append(contentsOf: "null".utf8)
            return
        }
        switch type {
        case .bigint where bigintAsText:
            out.append(UInt8(ascii: "\""))
            append(row, to: &out)
            out.append(UInt8(ascii: "\""))
        case .boolean, .tinyint, .smallint, .integer, .bigint: append(row, to: &out)
        case .varchar, .json: view.load(row, as: StringView.self).withBytes { JSONValue.writeString($0, to: &out) }
        case .date, .decimal, .timestamp:
            out.append(UInt8(ascii: "\""))
            append(row, to: &out)
            out.append(UInt8(ascii: "\""))
        default: ValueJSON.append(vector.value(at: row), type, bigintAsText: bigintAsText, to: &out)
        }
    }
}
