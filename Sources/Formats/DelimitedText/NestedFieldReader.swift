import Columnar
import SQLTypes

/// Reads arrays, maps and structs of LazySimple text, whose elements are parted by one delimiter a level.
///
/// ```
/// level 0: fields   1: items of an array, fields of a struct, entries of a map   2: keys from values, or one deeper
/// ```
final class NestedFieldReader {
    private let appender: ValueAppender
    private let separators: [UInt8]
    private let escape: UInt8?
    private let nullText: [UInt8]

    init(_ type: DataType, _ options: DelimitedOptions) {
        appender = ValueAppender(type, options.rules)
        // A quoted dialect has no delimiters of its own for nested values.
        separators = options.dialect == .lazySimple ? options.separators : [options.separators[0], 2, 3, 4, 5, 6, 7, 8]
        escape = options.dialect == .lazySimple ? options.escape : nil
        nullText = options.nullText ?? Array("\\N".utf8)
    }

    func begin(_ block: Buffer) { appender.keepAlive(block) }

    func appendNull() { appender.appendNull() }

    func finish() -> Vector { appender.finish() }

    /// Appends a field's value; false, with nothing appended, when some part of it cannot be read.
    func append(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, hasEscapes: Bool) -> Bool {
        let count = appender.count
        if append(start, end, to: appender, level: 1, hasEscapes: hasEscapes) { return true }
        appender.cut(to: count)
        return false
    }

    private func append(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, to target: ValueAppender, level: Int,
        hasEscapes: Bool
    ) -> Bool {
        if isNull(start, end) {
            target.appendNull()
            return true
        }
        switch target.physical {
        case .list:
            guard level < separators.count else { return false }
            let elements = target.children[0]
            let offset = elements.count
            if start < end {
                var isGood = true
                pieces(start, end, separators[level], hasEscapes) { first, last in
                    isGood = append(first, last, to: elements, level: level + 1, hasEscapes: hasEscapes)
                    return isGood
                }
                guard isGood else {
                    for child in target.children { child.cut(to: offset) }
                    return false
                }
            }
            target.appendEntry(from: offset)
            return true
        case .map:
            guard level + 1 < separators.count else { return false }
            let keys = target.children[0]
            let values = target.children[1]
            let offset = keys.count
            if start < end {
                var isGood = true
                pieces(start, end, separators[level], hasEscapes) { first, last in
                    var split = last
                    pieces(first, last, separators[level + 1], hasEscapes) { _, keyEnd in
                        split = keyEnd
                        return false
                    }
                    let kept = keys.count
                    guard append(first, split, to: keys, level: level + 2, hasEscapes: hasEscapes) else {
                        isGood = false
                        return false
                    }
                    // NULL is no key: Hive drops such entries.
                    if split == first || isNull(first, split) {
                        keys.cut(to: kept)
                        return true
                    }
                    if split < last {
                        isGood = append(split + 1, last, to: values, level: level + 2, hasEscapes: hasEscapes)
                    } else {
                        values.appendNull()
                    }
                    return isGood
                }
                guard isGood else {
                    for child in target.children { child.cut(to: offset) }
                    return false
                }
            }
            target.appendEntry(from: offset)
            return true
        case .row:
            guard level < separators.count else { return false }
            var field = 0
            var isGood = true
            pieces(start, end, separators[level], hasEscapes) { first, last in
                guard field < target.children.count else { return false }
                isGood = append(first, last, to: target.children[field], level: level + 1, hasEscapes: hasEscapes)
                field += 1
                return isGood
            }
            guard isGood else {
                for child in target.children { child.cut(to: target.count) }
                return false
            }
            while field < target.children.count {
                target.children[field].appendNull()
                field += 1
            }
            target.appendRow()
            return true
        default:
            var text = (start: start, end: end)
            if hasEscapes, let escape {
                text = FieldText.unescaped(start, end, escape: escape) { target.strings }
            }
            if text.start == text.end, !target.parser.isText {
                target.appendNull()
                return true
            }
            return target.appendText(text.start, text.end)
        }
    }

    private func isNull(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
        end - start == nullText.count
            && UnsafeBufferPointer(start: start, count: end - start).elementsEqual(nullText)
    }

    /// Calls `body` with each piece between separators that are not escaped, until it returns false.
    private func pieces(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ separator: UInt8, _ hasEscapes: Bool,
        _ body: (UnsafePointer<UInt8>, UnsafePointer<UInt8>) -> Bool
    ) {
        var first = start
        var at = start
        while at < end {
            if at[0] == separator {
                guard body(first, at) else { return }
                first = at + 1
            } else if hasEscapes, let escape, at[0] == escape {
                at += 1
            }
            at += 1
        }
        _ = body(first, end)
    }
}
