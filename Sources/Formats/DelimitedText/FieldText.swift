import Columnar

/// Turns a field as it stands in the file into its text: quotes taken off, escapes resolved.
enum FieldText {
    /// The text of a field of a quoted dialect, in `heap` where it differs from the file's bytes.
    ///
    /// Blanks before the opening quote are dropped; within quotes a doubled quote stands for one, and an escape byte
    /// for the byte after it; outside quotes escape bytes are dropped, as Athena's reader does, save that one before
    /// a quote or an escape keeps that.
    static func unquoted(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, quote: UInt8?, escape: UInt8?,
        _ heap: () -> StringHeap
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, wasQuoted: Bool) {
        var first = start
        var isQuoted = false
        if let quote {
            while first < end, first[0] == 0x20 || first[0] == 0x09 { first += 1 }
            isQuoted = first < end && first[0] == quote
        }
        if !isQuoted {
            guard let escape, contains(start, end, escape) else { return (start, end, false) }
            let target = heap().allocate(end - start + TextParsing.overread)
            var count = 0
            var at = start
            while at < end {
                if at[0] == escape {
                    at += 1
                    guard at < end, at[0] == escape || at[0] == quote else { continue }
                }
                target[count] = at[0]
                count += 1
                at += 1
            }
            return (UnsafePointer(target), UnsafePointer(target) + count, false)
        }
        let quote = quote ?? 0
        first += 1
        // The common case: nothing special up to a closing quote at the field's end.
        var stop = first
        while stop < end, stop[0] != quote, stop[0] != escape { stop += 1 }
        if stop >= end { return (first, end, true) }
        if stop[0] == quote, stop + 1 == end { return (first, stop, true) }
        let target = heap().allocate(end - first + TextParsing.overread)
        var count = 0
        var at = first
        var isInside = true
        while at < end {
            let byte = at[0]
            if isInside {
                if byte == escape {
                    at += 1
                    guard at < end else { break }
                    if at[0] != quote, at[0] != escape { continue }
                } else if byte == quote {
                    at += 1
                    guard at < end else { break }
                    if at[0] != quote {
                        isInside = false
                        continue
                    }
                }
            } else if byte == escape {
                at += 1
                guard at < end, at[0] == escape || at[0] == quote else { continue }
            }
            target[count] = at[0]
            count += 1
            at += 1
        }
        return (UnsafePointer(target), UnsafePointer(target) + count, true)
    }

    /// The text of a LazySimple field: an escape byte stands for the byte after it; `\n` and `\r` after one are the
    /// control characters, as Hive's writer leaves them.
    static func unescaped(
        _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, escape: UInt8, _ heap: () -> StringHeap
    ) -> (start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>) {
        guard contains(start, end, escape) else { return (start, end) }
        let target = heap().allocate(end - start + TextParsing.overread)
        var count = 0
        var at = start
        while at < end {
            var byte = at[0]
            at += 1
            if byte == escape, at < end {
                byte = at[0] == 0x6e ? 0x0a : at[0] == 0x72 ? 0x0d : at[0]
                at += 1
            }
            target[count] = byte
            count += 1
        }
        return (UnsafePointer(target), UnsafePointer(target) + count)
    }

    static func contains(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ byte: UInt8) -> Bool {
        var at = start
        while at < end {
            if at[0] == byte { return true }
            at += 1
        }
        return false
    }
}
