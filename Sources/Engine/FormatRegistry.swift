import DelimitedText
import Execution
import JSONLines
import Metastore
import Parquet
import SQLTypes
import Storage

/// The list of file formats, found by the SerDe class of a table or partition.
public struct FormatRegistry: FormatProvider {
    public init() {}

    public func format(serde: String, inputFormat: String) throws -> any FileFormat {
        guard let format = StoredFormat(serde: serde) else {
            throw QueryError(
                .hiveSerdeNotFound,
                "The SerDe \(serde) is not known" + NearNames.hint(serde, among: StoredFormat.allCases.map(\.serde)))
        }
        switch format {
        case .parquet: return ParquetFormat()
        case .text, .csv: return DelimitedTextFormat()
        case .json, .hiveJSON: return JSONLinesFormat()
        case .orc, .avro, .ion, .sequence, .rc:
            throw QueryError(
                .hiveUnsupportedFormat, "Files of the format \(format.rawValue) cannot be read (SerDe \(serde))")
        }
    }
}
