/// How values are laid out in a page. Raw values are Parquet's `Encoding`.
enum Encoding: Int, Sendable {
    case plain = 0
    /// Dictionary codes under their older name; in a dictionary page it means `plain`.
    case plainDictionary = 2
    case rle = 3
    case bitPacked = 4
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case rleDictionary = 8
    case byteStreamSplit = 9
}

/// What stands before every page.
struct PageHeader {
    enum Kind: Int { case data = 0, index = 1, dictionary = 2, dataV2 = 3 }

    var kind = -1
    var unpackedByteCount = -1
    var packedByteCount = -1
    var checksum: UInt32?
    var valueCount = 0
    var encoding = -1
    var definitionEncoding = Encoding.rle.rawValue
    var repetitionEncoding = Encoding.rle.rawValue
    // Version 2 only.
    var nullCount = -1
    var rowCount = -1
    var definitionByteCount = 0
    var repetitionByteCount = 0
    var isCompressed = true

    /// The header at `bytes` and its length; nil when it does not end within `count` bytes or is damaged.
    static func parse(_ bytes: UnsafePointer<UInt8>, count: Int) -> (header: PageHeader, byteCount: Int)? {
        var reader = ThriftReader(bytes, count: count)
        var header = PageHeader()
        reader.structure { reader, field, kind in
            switch field {
            case 1: header.kind = reader.integer(kind)
            case 2: header.unpackedByteCount = reader.integer(kind)
            case 3: header.packedByteCount = reader.integer(kind)
            case 4: header.checksum = UInt32(truncatingIfNeeded: reader.integer(kind))
            case 5:
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: header.valueCount = reader.integer(kind)
                    case 2: header.encoding = reader.integer(kind)
                    case 3: header.definitionEncoding = reader.integer(kind)
                    case 4: header.repetitionEncoding = reader.integer(kind)
                    default: reader.skip(kind)
                    }
                }
            case 7:
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: header.valueCount = reader.integer(kind)
                    case 2: header.encoding = reader.integer(kind)
                    default: reader.skip(kind)
                    }
                }
            case 8:
                reader.structure(kind) { reader, field, kind in
                    switch field {
                    case 1: header.valueCount = reader.integer(kind)
                    case 2: header.nullCount = reader.integer(kind)
                    case 3: header.rowCount = reader.integer(kind)
                    case 4: header.encoding = reader.integer(kind)
                    case 5: header.definitionByteCount = reader.integer(kind)
                    case 6: header.repetitionByteCount = reader.integer(kind)
                    case 7: header.isCompressed = reader.boolean(kind)
                    default: reader.skip(kind)
                    }
                }
            default: reader.skip(kind)
            }
        }
        guard !reader.failed else { return nil }
        return (header, count - reader.remaining)
    }
}
