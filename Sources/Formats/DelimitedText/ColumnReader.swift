import Columnar
import SQLTypes
import Storage

/// Reads one column of a batch: a loop over the rows with the type's parser inlined, and a slow path for what that
/// refuses (NULL markers, blanks, quotes, other spellings, bad values).
final class ColumnReader {
    let column: RequestedColumn
    private let options: DelimitedOptions
    private let parser: ScalarParser
    private let nested: NestedFieldReader?
    /// The column takes what is left of the line.
    private let takesRest: Bool
    /// The NULL marker could be a value's text, so it is looked for first.
    private let nullLooksLikeValue: Bool
    private let nullText: [UInt8]

    init(_ column: RequestedColumn, _ options: DelimitedOptions, declaredCount: Int) {
        self.column = column
        self.options = options
        parser = ScalarParser(column.type, options.rules)
        nested = column.type.isNested ? NestedFieldReader(column.type, options) : nil
        takesRest = options.lastColumnTakesRest && column.ordinal == declaredCount - 1
        nullText = options.nullText ?? []
        nullLooksLikeValue =
            options.nullText.map { text in
                text.contains { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || $0 >= 0x30 && $0 <= 0x39 }
                    && text != Array("\\N".utf8)
            } ?? false
    }

    /// What a batch's loops need besides the rows.
    struct Input {
        var table: FieldTable
        var block: Buffer
        /// Where the block lies in the file.
        var offset: Int
    }

    func read(_ input: Input, _ lanes: Lanes, _ bad: inout BadValues) throws -> Vector {
        if let nested {
            nested.begin(input.block)
            for lane in 0..<lanes.count {
                let row = lanes.row(lane)
                guard let field = field(input.table, row) else {
                    nested.appendNull()
                    continue
                }
                if !nested.append(field.start, field.end, hasEscapes: input.table.hasEscapes) {
                    nested.appendNull()
                    report(input, row, field.start, field.end, &bad)
                }
            }
            return nested.finish()
        }
        let builder = FlatBuilder(column.type, capacity: lanes.count)
        let powers = TextParsing.powersOfTen
        let isPlain = !nullLooksLikeValue && !takesRest
        switch parser.kind {
        case .int8 where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int8) in TextParsing.integer(a, b, &v) }
        case .int16 where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int16) in TextParsing.integer(a, b, &v) }
        case .int32 where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int32) in TextParsing.integer(a, b, &v) }
        case .int64 where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int64) in TextParsing.integer(a, b, &v) }
        case .double where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Double) in TextParsing.double(a, b, &v) }
        case .float where isPlain:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Float) in TextParsing.float(a, b, &v) }
        case .shortDecimal where isPlain:
            let (precision, scale, limit) = (parser.precision, parser.scale, parser.limit)
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int64) in
                TextParsing.shortDecimal(a, b, precision: precision, scale: scale, limit: limit, powers: powers, &v)
            }
        case .date where isPlain && options.rules.timestampPatterns.isEmpty:
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int32) in TextParsing.date(a, b, &v) }
        case .shortTimestamp where isPlain && options.rules.timestampPatterns.isEmpty:
            let precision = parser.precision
            fill(input, lanes, builder, &bad) { (a, b, v: inout Int64) in
                var moment = TextParsing.Moment(seconds: 0, picoseconds: 0)
                guard TextParsing.timestamp(a, b, &moment),
                    let value = moment.microseconds(precision: precision, powers: powers)
                else { return false }
                v = value
                return true
            }
        case .string where !takesRest: strings(input, lanes, builder)
        default:
            for lane in 0..<lanes.count { slow(input, lanes.row(lane), lane, builder, &bad) }
        }
        if parser.isText { builder.keepAlive(input.block) }
        return builder.finish(count: lanes.count)
    }

    @inline(__always)
    private func field(
        _ table: FieldTable, _ row: Int
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>)? {
        guard let field = table.field(row, column.ordinal) else { return nil }
        if takesRest { return (field.start, table.bytes + Int(table.positions[table.lastField(row)])) }
        return field
    }

    /// The loop of the fixed-width types.
    @inline(__always)
    private func fill<T>(
        _ input: Input, _ lanes: Lanes, _ builder: FlatBuilder, _ bad: inout BadValues,
        _ parse: (UnsafePointer<UInt8>, UnsafePointer<UInt8>, inout T) -> Bool
    ) where T: ExpressibleByIntegerLiteral {
        let table = input.table
        let ordinal = column.ordinal
        let target = builder.pointer(as: T.self)
        let quote = table.quote
        let hasQuotes = table.hasQuotes
        let numbers = lanes.numbers
        let count = lanes.count
        for lane in 0..<count {
            let row = numbers.row(lane)
            if var (start, end) = table.field(row, ordinal) {
                if hasQuotes, end - start >= 2, start[0] == quote, end[-1] == quote {
                    start += 1
                    end -= 1
                }
                var value: T = 0
                if parse(start, end, &value) {
                    target[lane] = value
                    continue
                }
            }
            slow(input, row, lane, builder, &bad)
        }
    }

    /// The loop of unbounded text.
    private func strings(_ input: Input, _ lanes: Lanes, _ builder: FlatBuilder) {
        let table = input.table
        let ordinal = column.ordinal
        let target = builder.pointer(as: StringView.self)
        let nullCount = options.nullText?.count ?? -1
        let quote = table.quote
        let hasQuotes = table.hasQuotes
        let hasEscapes = table.hasEscapes
        let numbers = lanes.numbers
        let count = lanes.count
        // An empty line of a quoted dialect is a row of NULLs.
        let emptyLineIsNull = ordinal == 0 && options.dialect == .openCSV
        for lane in 0..<count {
            let row = numbers.row(lane)
            guard let (start, end) = table.field(row, ordinal) else {
                builder.setNull(lane)
                continue
            }
            if end - start == nullCount, isNull(start, end) {
                builder.setNull(lane)
                continue
            }
            if emptyLineIsNull, start == end, table.firstField(row) == table.lastField(row) {
                builder.setNull(lane)
                continue
            }
            // Without escapes only a quote at the start (or after blanks) makes a field's text differ from its bytes.
            if hasEscapes || (hasQuotes && (start[0] == quote || start[0] == 0x20 || start[0] == 0x09)) {
                let text = text(table, start, end, builder)
                target[lane] = StringView(padded: text.start, text.end - text.start)
            } else {
                target[lane] = StringView(padded: start, end - start)
            }
        }
    }

    @inline(__always)
    private func isNull(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        for index in 0..<nullText.count where start[index] != nullText[index] { return false }
        return true
    }

    /// A field's text without quotes and escapes.
    private func text(
        _ table: FieldTable, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ builder: FlatBuilder
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        switch options.dialect {
        case .openCSV:
            let text = FieldText.unquoted(start, end, quote: options.quote, escape: options.escape) { builder.strings }
            return (text.start, text.end)
        case .lazySimple:
            guard let escape = options.escape else { return (start, end) }
            return FieldText.unescaped(start, end, escape: escape) { builder.strings }
        }
    }

    /// Any value of any scalar type; NULL where it is missing, marked or (text aside) empty.
    private func slow(_ input: Input, _ row: Int, _ lane: Int, _ builder: FlatBuilder, _ bad: inout BadValues) {
        guard let (start, end) = field(input.table, row) else {
            builder.setNull(lane)
            return
        }
        if let null = options.nullText, end - start == null.count, isNull(start, end) {
            builder.setNull(lane)
            return
        }
        var text = (start: start, end: end)
        if input.table.hasQuotes || input.table.hasEscapes { text = self.text(input.table, start, end, builder) }
        if !parser.isText {
            var first = text.start
            while first < text.end, first[0] <= 0x20 { first += 1 }
            if first == text.end {
                builder.setNull(lane)
                return
            }
        }
        let width = column.type.physical.byteCount
        guard parser.parse(text.start, text.end, into: builder.values + lane * width, heap: builder.strings) else {
            builder.setNull(lane)
            report(input, row, text.start, text.end, &bad)
            return
        }
    }

    private func report(
        _ input: Input, _ row: Int, _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ bad: inout BadValues
    ) {
        bad.add(
            BadValues.Item(
                row: row, offset: input.offset + Int(input.table.rowStarts[row]), column: column.name,
                error: BadValues.parseError(
                    UnsafeBufferPointer(start: start, count: end - start), field: column.ordinal, column: column.name,
                    type: column.type)))
    }
}
