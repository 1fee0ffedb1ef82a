import Columnar
import SQLTypes

/// Casts from and to varchar and char, and between varbinary, uuid and ipaddress.
enum TextCasts {
    /// From varchar or char.
    static func make(
        from source: DataType, to target: DataType, isTry: Bool, context: EvaluationContext
    ) throws -> CastKernel {
        switch target {
        case .varchar, .char, .varbinary: return text(from: source, to: target)
        case .boolean:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, UInt8.self) { try ValueParser.boolean($0) ? 1 : 0 }
            }
        case .tinyint:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int8.self) {
                    Int8(truncatingIfNeeded: try ValueParser.integer($0, target))
                }
            }
        case .smallint:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int16.self) {
                    Int16(truncatingIfNeeded: try ValueParser.integer($0, target))
                }
            }
        case .integer:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int32.self) {
                    Int32(truncatingIfNeeded: try ValueParser.integer($0, target))
                }
            }
        case .bigint:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int64.self) { try ValueParser.integer($0, target) }
            }
        case .real, .double: return values(to: target, isTry: isTry)
        case .decimal(let precision, let scale):
            if target.physical == .int64 {
                return {
                    try CastKernels.parse($0, $1, target, isTry: isTry, Int64.self) {
                        Int64(truncatingIfNeeded: try ValueParser.decimal($0, precision, scale))
                    }
                }
            }
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int128.self) {
                    try ValueParser.decimal($0, precision, scale)
                }
            }
        case .date:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int32.self) {
                    Int32(truncatingIfNeeded: try ValueParser.date($0))
                }
            }
        case .timestampWithTimeZone(let precision):
            let zone = try TimeZone.required(context.timeZone)
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int128.self) {
                    try ValueParser.timestampWithZone($0, precision, zone: zone)
                }
            }
        default: return values(to: target, isTry: isTry)
        }
    }

    /// Through `ValueParser`, by layout.
    private static func values(to target: DataType, isTry: Bool) -> CastKernel {
        switch target.physical {
        case .float:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Float.self) { bytes in
                    guard case .real(let value) = try ValueParser.parse(bytes, as: target) else { return .nan }
                    return value
                }
            }
        case .double:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Double.self) { bytes in
                    guard case .double(let value) = try ValueParser.parse(bytes, as: target) else { return .nan }
                    return value
                }
            }
        case .int32:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int32.self) { bytes in
                    guard case .int(let value) = try ValueParser.parse(bytes, as: target) else { return 0 }
                    return Int32(truncatingIfNeeded: value)
                }
            }
        case .int64:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int64.self) { bytes in
                    guard case .int(let value) = try ValueParser.parse(bytes, as: target) else { return 0 }
                    return value
                }
            }
        default:
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int128.self) { bytes in
                    guard case .int128(let value) = try ValueParser.parse(bytes, as: target) else { return 0 }
                    return value
                }
            }
        }
    }

    /// Among varchar, char and varbinary: views are cut, char loses or gets its padding.
    private static func text(from source: DataType, to target: DataType) -> CastKernel {
        if case .char(let padding) = source {
            var limit = Int.max
            switch target {
            case .char(let length):
                if length >= padding { return { argument, _ in argument.retyped(target) } }
                return cut(to: target, limit: length, trimsBlanks: true)
            case .varchar(let length): limit = length ?? Int.max
            default: break
            }
            let width = min(padding, limit)
            return { argument, rows in
                Kernel.mapStrings(argument, rows, as: target) { bytes, heap in
                    let kept = UTF8Text.prefix(bytes, characters: limit)
                    let missing = width - UTF8Text.characterCount(kept)
                    guard missing > 0 else { return heap.append(kept) }
                    var padded = Array(kept)
                    padded.append(contentsOf: repeatElement(32, count: missing))
                    return padded.withUnsafeBufferPointer { heap.append($0) }
                }
            }
        }
        switch target {
        case .char(let length): return cut(to: target, limit: length, trimsBlanks: true)
        case .varchar(let length?):
            if case .varchar(let old?) = source, old <= length { return { argument, _ in argument.retyped(target) } }
            return cut(to: target, limit: length, trimsBlanks: false)
        default: return { argument, _ in argument.retyped(target) }
        }
    }

    private static func cut(to target: DataType, limit: Int, trimsBlanks: Bool) -> CastKernel {
        { argument, rows in
            let cutVector = Kernel.unary(argument, rows, as: target, StringView.self, StringView.self) { view in
                if !trimsBlanks, view.count <= limit { return view }
                return view.withBytes { bytes in
                    let kept =
                        trimsBlanks
                        ? UTF8Text.charValue(bytes, length: limit) : UTF8Text.prefix(bytes, characters: limit)
                    guard kept.count < bytes.count, let start = kept.baseAddress else {
                        return kept.isEmpty ? StringView() : view
                    }
                    return StringView(start, kept.count)
                }
            }
            return cutVector.keeping(argument)
        }
    }

    // MARK: To text

    /// From any scalar type but text.
    static func toText(from source: DataType, to target: DataType, isTry: Bool) -> CastKernel {
        switch source.physical {
        case .boolean:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, UInt8.self) {
                    $1.append(contentsOf: ($0 != 0 ? "true" : "false").utf8)
                }
            }
        case .int8:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int8.self) {
                    ValueText.appendInteger(Int64($0), to: &$1)
                }
            }
        case .int16:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int16.self) {
                    ValueText.appendInteger(Int64($0), to: &$1)
                }
            }
        case .int32:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int32.self) {
                    ValueText.appendInt(Int64($0), source, to: &$1)
                }
            }
        case .int64:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int64.self) {
                    ValueText.appendInt($0, source, to: &$1)
                }
            }
        case .int128:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int128.self) {
                    ValueText.appendInt128($0, source, to: &$1)
                }
            }
        case .float:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Float.self) {
                    FloatText.appendScientific($0, to: &$1)
                }
            }
        case .double:
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Double.self) {
                    FloatText.appendScientific($0, to: &$1)
                }
            }
        case .string, .list, .map, .row: return { argument, _ in argument.retyped(target) }
        }
    }

    // MARK: Bytes

    static func bytes(from source: DataType, to target: DataType, isTry: Bool) -> CastKernel {
        switch (source, target) {
        case (.varbinary, .uuid), (.varbinary, .ipaddress):
            return {
                try CastKernels.parse($0, $1, target, isTry: isTry, Int128.self) { bytes in
                    if target == .ipaddress, bytes.count == 4 {
                        let four = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
                        return Int128(bitPattern: 0xffff_0000_0000 | four)
                    }
                    guard bytes.count == 16 else {
                        let name = target == .uuid ? "UUID" : "IPADDRESS"
                        throw QueryError(.invalidCastArgument, "Invalid \(name) binary length: \(bytes.count)")
                    }
                    return Int128(bitPattern: bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
                }
            }
        case (.uuid, .varbinary), (.ipaddress, .varbinary):
            return {
                try CastKernels.print($0, $1, target, isTry: isTry, Int128.self) { value, text in
                    let bits = UInt128(bitPattern: value)
                    for index in 0..<16 { text.append(UInt8(truncatingIfNeeded: bits >> UInt128(120 - index * 8))) }
                }
            }
        default: return { argument, _ in argument.retyped(target) }
        }
    }
}
