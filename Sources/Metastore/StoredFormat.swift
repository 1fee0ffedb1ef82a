/// The file formats that tables can have: the SerDe and the Hadoop classes that stand for each in the catalog.
public enum StoredFormat: String, Sendable, CaseIterable {
    case text, csv, json, hiveJSON, parquet, orc, avro, ion, sequence, rc

    public var serde: String {
        switch self {
        case .text, .sequence: "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
        case .csv: "org.apache.hadoop.hive.serde2.OpenCSVSerde"
        case .json: "org.openx.data.jsonserde.JsonSerDe"
        case .hiveJSON: "org.apache.hive.hcatalog.data.JsonSerDe"
        case .parquet: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
        case .orc: "org.apache.hadoop.hive.ql.io.orc.OrcSerde"
        case .avro: "org.apache.hadoop.hive.serde2.avro.AvroSerDe"
        case .ion: "com.amazon.ionhiveserde.IonHiveSerDe"
        case .rc: "org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe"
        }
    }

    public var inputFormat: String {
        switch self {
        case .text, .csv, .json, .hiveJSON: "org.apache.hadoop.mapred.TextInputFormat"
        case .parquet: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
        case .orc: "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat"
        case .avro: "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat"
        case .ion: "com.amazon.ionhiveserde.formats.IonInputFormat"
        case .sequence: "org.apache.hadoop.mapred.SequenceFileInputFormat"
        case .rc: "org.apache.hadoop.hive.ql.io.RCFileInputFormat"
        }
    }

    public var outputFormat: String {
        switch self {
        case .text, .csv, .json, .hiveJSON: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
        case .parquet: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
        case .orc: "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat"
        case .avro: "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat"
        case .ion: "com.amazon.ionhiveserde.formats.IonOutputFormat"
        case .sequence: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat"
        case .rc: "org.apache.hadoop.hive.ql.io.RCFileOutputFormat"
        }
    }

    /// The format of STORED AS; nil for an unknown name.
    public init?(storedAs name: String) {
        switch name.lowercased() {
        case "textfile": self = .text
        case "parquet": self = .parquet
        case "orc": self = .orc
        case "avro": self = .avro
        case "ion": self = .ion
        case "sequencefile": self = .sequence
        case "rcfile": self = .rc
        case "jsonfile": self = .hiveJSON
        default: return nil
        }
    }

    /// The format that a SerDe class reads; nil for an unknown class. Old and new class names both count.
    public init?(serde name: String) {
        switch name {
        case "org.apache.hadoop.hive.serde2.OpenCSVSerde", "com.bizo.hive.serde.csv.CSVSerde": self = .csv
        case "org.openx.data.jsonserde.JsonSerDe": self = .json
        case "org.apache.hive.hcatalog.data.JsonSerDe", "org.apache.hadoop.hive.serde2.JsonSerDe": self = .hiveJSON
        case "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe": self = .text
        case "parquet.hive.serde.ParquetHiveSerDe": self = .parquet
        default:
            guard let format = Self.allCases.first(where: { $0.serde == name }) else { return nil }
            self = format
        }
    }
}
