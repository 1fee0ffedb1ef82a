import CKernels
import Columnar
import SQLTypes
import Storage

/// Reads JSON values of one type into an appender: the node of a tree that has the shape of the type.
///
/// What a value of another kind becomes follows OpenX: text holds the raw JSON of what is no string, numbers and
/// booleans are read from strings, a value stands for an array of one, blank text for a missing container.
final class ValueReader {
    /// Deeper JSON is refused rather than recursed into.
    static let depthLimit = 200

    let appender: ValueAppender
    private let children: [ValueReader]
    private let keys: KeyTable?
    private let kind: ScalarParser.Kind
    private let physical: PhysicalType
    private let options: JSONOptions
    private let powers = TextParsing.powersOfTen
    private let precision: Int
    private let scale: Int
    private let limit: Int64
    /// Dates and timestamps have their usual text only.
    private let hasPatterns: Bool
    /// Of a struct's fields those that the query reads; the others stay NULL.
    private let isWanted: [Bool]

    init(_ appender: ValueAppender, _ options: JSONOptions, fields: [[String]]?) {
        self.appender = appender
        self.options = options
        kind = appender.parser.kind
        physical = appender.physical
        precision = appender.parser.precision
        scale = appender.parser.scale
        limit = appender.parser.limit
        hasPatterns = !options.rules.timestampPatterns.isEmpty
        switch appender.type {
        case .row(let rowFields):
            var wanted = [Bool](repeating: fields == nil, count: rowFields.count)
            children = rowFields.enumerated().map { index, field in
                guard let fields else { return ValueReader(appender.children[index], options, fields: nil) }
                let name = (field.name ?? "").lowercased()
                let below = fields.filter { $0.first?.lowercased() == name }.map { Array($0.dropFirst()) }
                wanted[index] = !below.isEmpty
                return ValueReader(
                    appender.children[index], options,
                    fields: below.contains { $0.isEmpty } || below.isEmpty ? nil : below)
            }
            isWanted = wanted
            keys = KeyTable(rowFields.enumerated().map { $1.name ?? "field\($0)" }, options)
        default:
            children = appender.children.map { ValueReader($0, options, fields: nil) }
            isWanted = []
            keys = nil
        }
    }

    /// Appends the value at `at` and moves past it. Where the outcome is not `done`, nothing is appended (children are
    /// put right again) and `at` is anywhere.
    func read(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int) -> JSONScanner.Outcome {
        guard at < end else { return .incomplete }
        let first = at[0]
        // Fast ways for the right kind of value.
        switch kind {
        case .string where first == UInt8(ascii: "\""):
            let start = at + 1
            guard let found = ck_json_string_end(start, end), found < end else { return .incomplete }
            if found[0] == UInt8(ascii: "\"") {
                at = found + 1
                appender.append(StringView(padded: start, found - start))
                return .done
            }
            return readString(&at, end, depth)
        case .double where first == UInt8(ascii: "-") || first &- 0x30 <= 9:
            let stop = numberEnd(at, end)
            var value = 0.0
            if stop < end, TextParsing.double(at, stop, &value) {
                at = stop
                appender.append(value)
                return .done
            }
        case .shortDecimal where first == UInt8(ascii: "-") || first &- 0x30 <= 9:
            let stop = numberEnd(at, end)
            var value: Int64 = 0
            if stop < end,
                TextParsing.shortDecimal(
                    at, stop, precision: precision, scale: scale, limit: limit, powers: powers, &value)
            {
                at = stop
                appender.append(value)
                return .done
            }
        case .date where first == UInt8(ascii: "\"") && !hasPatterns:
            let start = at + 1
            var value: Int32 = 0
            if let found = ck_json_string_end(start, end), found < end, found[0] == UInt8(ascii: "\""),
                TextParsing.date(start, found, &value)
            {
                at = found + 1
                appender.append(value)
                return .done
            }
        case .shortTimestamp where first == UInt8(ascii: "\"") && !hasPatterns:
            let start = at + 1
            var moment = TextParsing.Moment(seconds: 0, picoseconds: 0)
            if let found = ck_json_string_end(start, end), found < end, found[0] == UInt8(ascii: "\""),
                TextParsing.timestamp(start, found, &moment),
                let value = moment.microseconds(precision: precision, powers: powers)
            {
                at = found + 1
                appender.append(value)
                return .done
            }
        case .int64 where first == UInt8(ascii: "-") || first &- 0x30 <= 9:
            if let value = digits(&at, end) {
                appender.append(value)
                return .done
            }
        case .int32 where first == UInt8(ascii: "-") || first &- 0x30 <= 9:
            let start = at
            if let value = digits(&at, end) {
                if let narrow = Int32(exactly: value) {
                    appender.append(narrow)
                    return .done
                }
                at = start
                return .bad
            }
        default: break
        }
        switch first {
        case UInt8(ascii: "\""): return readString(&at, end, depth)
        case UInt8(ascii: "{"): return readObject(&at, end, depth)
        case UInt8(ascii: "["): return readArray(&at, end, depth)
        default: return readWord(&at, end)
        }
    }

    /// The end of a run of the bytes that numbers have.
    @inline(__always)
    private func numberEnd(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8> {
        var at = start + 1
        while true {
            let byte = at[0]
            // Digits, point, signs, exponent; a comma (0x2c) is not among them. Zeros end the block.
            if byte &- 0x30 <= 9 || byte == 0x2e || byte == 0x2d || byte == 0x2b || byte | 0x20 == 0x65 {
                at += 1
            } else {
                return at
            }
        }
    }

    /// A plain integer of up to 18 digits that a comma, brace or bracket follows; nil (and `at` unmoved) otherwise.
    @inline(__always)
    private func digits(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int64? {
        var look = at
        let isNegative = look[0] == UInt8(ascii: "-")
        if isNegative { look += 1 }
        let first = look
        var value: Int64 = 0
        while look[0] &- 0x30 <= 9 {
            value = value &* 10 &+ Int64(look[0] &- 0x30)
            look += 1
        }
        let count = look - first
        guard count > 0, count <= 18, look < end else { return nil }
        switch look[0] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
            at = look
            return isNegative ? 0 &- value : value
        default: return nil
        }
    }

    // MARK: Kinds of JSON values

    private func readString(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int
    ) -> JSONScanner.Outcome {
        at += 1
        var text = (start: at, end: at)
        var hasEscapes = false
        let outcome = JSONScanner.skipString(&at, end, &hasEscapes)
        guard outcome == .done else { return outcome }
        text.end = at - 1
        guard hasEscapes else { return take(text.start, text.end) }
        let heap = scratch
        return withExtendedLifetime(heap) {
            JSONScanner.unescaped(text.start, text.end, heap).map { take($0.start, $0.end) } ?? .malformed
        }
    }

    /// Appends what a string says.
    @inline(__always)
    private func take(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> JSONScanner.Outcome {
        switch physical {
        case .list, .map, .row:
            if JSONText.isBlank(start, end) {
                appender.appendNull()
                return .done
            }
            guard physical == .list, options.dialect == .openX, let element = children.first else { return .bad }
            let offset = element.appender.count
            guard element.appendText(start, end) else { return .bad }
            appender.appendEntry(from: offset)
            return .done
        default: return appendText(start, end) ? .done : .bad
        }
    }

    /// Where unescaped text goes: it must live as long as the vector when that refers to it.
    private var scratch: StringHeap {
        if physical == .string { return appender.strings }
        // Nested text may end in a child.
        guard let child = children.first, child.physical == .string else { return StringHeap() }
        return child.appender.strings
    }

    /// Appends the text of a string or number to a scalar; false when it is no value of the type.
    private func appendText(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        if !appender.parser.isText {
            if JSONText.isBlank(start, end) {
                appender.appendNull()
                return true
            }
            if options.dialect == .openX, let moment = JSONText.numericMoment(start, end, kind) {
                switch kind {
                case .shortTimestamp:
                    guard let value = moment.microseconds(precision: appender.parser.precision, powers: powers) else {
                        return false
                    }
                    appender.append(value)
                default: appender.append(moment.picosecondCount(precision: appender.parser.precision, powers: powers))
                }
                return true
            }
        }
        return appender.appendText(start, end)
    }

    /// A number, `true`, `false`, `null`.
    private func readWord(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> JSONScanner.Outcome {
        let start = at
        let outcome = JSONScanner.skipValue(&at, end)
        guard outcome == .done else { return outcome }
        switch JSONText.word(start, at) {
        case .null:
            appender.appendNull()
            return .done
        case .invalid: return .malformed
        case .boolean, .number: break
        }
        switch physical {
        case .list:
            guard options.dialect == .openX, let element = children.first else { return .bad }
            let offset = element.appender.count
            guard element.appendText(start, at) else { return .bad }
            appender.appendEntry(from: offset)
            return .done
        case .map, .row: return .bad
        default: return appendText(start, at) ? .done : .bad
        }
    }

    private func readArray(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int
    ) -> JSONScanner.Outcome {
        switch physical {
        case .list:
            guard depth < Self.depthLimit, let element = children.first else { return .bad }
            let offset = element.appender.count
            var outcome = JSONScanner.Outcome.done
            at += 1
            JSONScanner.skipBlanks(&at, end)
            if at < end, at[0] == UInt8(ascii: "]") {
                at += 1
            } else {
                elements: while true {
                    JSONScanner.skipBlanks(&at, end)
                    outcome = element.read(&at, end, depth + 1)
                    if outcome != .done { break }
                    JSONScanner.skipBlanks(&at, end)
                    guard at < end else {
                        outcome = .incomplete
                        break
                    }
                    switch at[0] {
                    case UInt8(ascii: ","): at += 1
                    case UInt8(ascii: "]"):
                        at += 1
                        break elements
                    default:
                        outcome = .malformed
                        break elements
                    }
                }
            }
            guard outcome == .done else {
                element.appender.cut(to: offset)
                return outcome
            }
            appender.appendEntry(from: offset)
            return .done
        case .row:
            // By position.
            guard depth < Self.depthLimit else { return .bad }
            let row = appender.count
            let outcome = readPositional(&at, end, depth, children, isWanted)
            guard outcome == .done else {
                for child in children { child.appender.cut(to: row) }
                return outcome
            }
            for child in children where child.appender.count == row { child.appender.appendNull() }
            appender.appendRow()
            return .done
        case .string: return readRaw(&at, end)
        default: return .bad
        }
    }

    /// The elements of an array as the fields of a record; more elements than fields are passed over.
    func readPositional(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int, _ fields: [ValueReader?],
        _ wanted: [Bool]
    ) -> JSONScanner.Outcome {
        at += 1
        var index = 0
        JSONScanner.skipBlanks(&at, end)
        if at < end, at[0] == UInt8(ascii: "]") {
            at += 1
            return .done
        }
        while true {
            JSONScanner.skipBlanks(&at, end)
            let outcome: JSONScanner.Outcome
            if index < fields.count, let field = fields[index], wanted.isEmpty || wanted[index] {
                outcome = field.read(&at, end, depth + 1)
            } else {
                outcome = JSONScanner.skipValue(&at, end)
            }
            if outcome != .done { return outcome }
            index += 1
            JSONScanner.skipBlanks(&at, end)
            guard at < end else { return .incomplete }
            switch at[0] {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return .done
            default: return .malformed
            }
        }
    }

    private func readObject(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int
    ) -> JSONScanner.Outcome {
        switch physical {
        case .row:
            guard depth < Self.depthLimit, let keys else { return .bad }
            let row = appender.count
            let outcome = Self.readFields(&at, end, keys) { at, target in
                if target < 0 || !isWanted[target] { return JSONScanner.skipQuickly(&at, end) }
                let child = children[target]
                if child.appender.count > row { return .duplicate }
                return child.read(&at, end, depth + 1)
            }
            guard outcome == .done else {
                for child in children { child.appender.cut(to: row) }
                return outcome
            }
            for child in children where child.appender.count == row { child.appender.appendNull() }
            appender.appendRow()
            return .done
        case .map:
            guard depth < Self.depthLimit else { return .bad }
            return readMap(&at, end, depth)
        case .list:
            // One object is an array of one.
            guard options.dialect == .openX, depth < Self.depthLimit, let element = children.first else { return .bad }
            let offset = element.appender.count
            let outcome = element.read(&at, end, depth + 1)
            guard outcome == .done else {
                element.appender.cut(to: offset)
                return outcome
            }
            appender.appendEntry(from: offset)
            return .done
        case .string: return readRaw(&at, end)
        default: return .bad
        }
    }

    /// Walks the fields of an object: `body` gets each value's place and its field's position, or -1.
    @inline(__always)
    static func readFields(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ keys: KeyTable,
        _ body: (inout UnsafePointer<UInt8>, Int) -> JSONScanner.Outcome
    ) -> JSONScanner.Outcome {
        at += 1
        var hint = 0
        if at[0] <= 0x20 { JSONScanner.skipBlanks(&at, end) }
        if at < end, at[0] == UInt8(ascii: "}") {
            at += 1
            return .done
        }
        while true {
            var outcome = JSONScanner.Outcome.done
            let target = keys.match(&at, end, &hint, &outcome)
            if outcome != .done { return outcome }
            if at[0] != UInt8(ascii: ":") {
                JSONScanner.skipBlanks(&at, end)
                guard at < end else { return .incomplete }
                if at[0] != UInt8(ascii: ":") { return .malformed }
            }
            at += 1
            if at[0] <= 0x20 { JSONScanner.skipBlanks(&at, end) }
            outcome = body(&at, target)
            if outcome != .done { return outcome }
            if at[0] <= 0x20 { JSONScanner.skipBlanks(&at, end) }
            guard at < end else { return .incomplete }
            if at[0] == UInt8(ascii: ",") {
                at += 1
                if at[0] <= 0x20 { JSONScanner.skipBlanks(&at, end) }
            } else if at[0] == UInt8(ascii: "}") {
                at += 1
                return .done
            } else {
                return .malformed
            }
        }
    }

    private func readMap(
        _ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ depth: Int
    ) -> JSONScanner.Outcome {
        let keys = children[0]
        let values = children[1]
        let offset = keys.appender.count
        func entries() -> JSONScanner.Outcome {
            at += 1
            JSONScanner.skipBlanks(&at, end)
            if at < end, at[0] == UInt8(ascii: "}") {
                at += 1
                return .done
            }
            while true {
                JSONScanner.skipBlanks(&at, end)
                guard at < end else { return .incomplete }
                guard at[0] == UInt8(ascii: "\"") else { return .malformed }
                var outcome = keys.readString(&at, end, depth)
                if outcome != .done { return outcome }
                JSONScanner.skipBlanks(&at, end)
                guard at < end else { return .incomplete }
                if at[0] != UInt8(ascii: ":") { return .malformed }
                at += 1
                JSONScanner.skipBlanks(&at, end)
                outcome = values.read(&at, end, depth + 1)
                if outcome != .done { return outcome }
                JSONScanner.skipBlanks(&at, end)
                guard at < end else { return .incomplete }
                switch at[0] {
                case UInt8(ascii: ","): at += 1
                case UInt8(ascii: "}"):
                    at += 1
                    return .done
                default: return .malformed
                }
            }
        }
        let outcome = entries()
        guard outcome == .done else {
            keys.appender.cut(to: offset)
            values.appender.cut(to: offset)
            return outcome
        }
        appender.appendEntry(from: offset)
        return .done
    }

    /// A container into text: its raw JSON.
    private func readRaw(_ at: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> JSONScanner.Outcome {
        let start = at
        let outcome = JSONScanner.skipValue(&at, end)
        guard outcome == .done else { return outcome }
        return appender.appendText(start, at) ? .done : .bad
    }
}

/// What bare words of JSON mean.
enum JSONText {
    enum Word { case null, boolean, number, invalid }

    static func word(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Word {
        switch start[0] {
        case UInt8(ascii: "n"): return isText(start, end, "null") ? .null : .invalid
        case UInt8(ascii: "t"): return isText(start, end, "true") ? .boolean : .invalid
        case UInt8(ascii: "f"): return isText(start, end, "false") ? .boolean : .invalid
        case UInt8(ascii: "N"): return isText(start, end, "NaN") ? .number : .invalid
        case UInt8(ascii: "I"): return isText(start, end, "Infinity") ? .number : .invalid
        case UInt8(ascii: "-") where isText(start + 1, end, "Infinity"): return .number
        case UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: return .invalid
        }
    }

    private static func isText(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ text: StaticString
    ) -> Bool {
        guard end - start == text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where start[index] != text.utf8Start[index] { return false }
        return true
    }

    static func isBlank(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        var at = start
        while at < end {
            if at[0] > 0x20 { return false }
            at += 1
        }
        return true
    }

    /// A bare number as a timestamp, by OpenX's rule: seconds, or milliseconds from 13 digits on; a fraction makes it
    /// seconds.
    static func numericMoment(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ kind: ScalarParser.Kind
    ) -> TextParsing.Moment? {
        guard kind == .shortTimestamp || kind == .longTimestamp else { return nil }
        var at = start
        var hasPoint = false
        while at < end {
            let byte = at[0]
            if byte == UInt8(ascii: ".") { hasPoint = true }
            if byte &- 0x30 > 9, byte != UInt8(ascii: "."), !(at == start && byte == UInt8(ascii: "-")) { return nil }
            at += 1
        }
        let isMilliseconds = !hasPoint && end - start >= 13
        return TimestampPattern.epoch(start, end, unit: isMilliseconds ? 1000 : 1)
    }
}
