import CDeflate
import Columnar
import Glibc
import SQLTypes

/// Unpacks a stream of gzip members in bounded memory (RFC 1951 and 1952), about twice as fast as zlib.
///
/// Output is decoded into a window of 32 KiB of history and room behind it; when the room is full the bytes go out and
/// the last 32 KiB move to the front. Input is decoded from a buffer that is topped up between symbols, so the inner
/// loop needs no bounds checks: it runs while at least 32 bytes of input (zeros past the file's end, whose use is
/// noticed) and room for one longest match remain.
///
/// ```
/// table entry  literal: 1<<31 | byte<<16 | bits          length, distance: base<<16 | code bits<<8 | code and extra bits
///              subtable: first<<16 | 1<<15 | bits<<8 | 11      end of block: 1<<15 | 1<<14 | bits      none: 0
/// ```
final class Inflater {
    private static let historyByteCount = 32 << 10
    private static let roomByteCount = 256 << 10
    /// Vector copies may run past a match's end.
    private static let slack = 320
    private static let inputByteCount = 256 << 10
    private static let inputMargin = 64
    private static let litBits = 11
    private static let distBits = 9
    private static let exceptional: UInt32 = 1 << 15
    private static let endOfBlock: UInt32 = 1 << 14
    private static let literal: UInt32 = 1 << 31

    private let source: any ByteSource
    private let window = Buffer(byteCount: historyByteCount + roomByteCount + slack)
    private let input = Buffer(byteCount: inputByteCount + inputMargin * 2)
    private let tables = Buffer(byteCount: 4 * 4096)
    private let base: UnsafeMutablePointer<UInt8>
    private let litTable: UnsafeMutablePointer<UInt32>
    private let distTable: UnsafeMutablePointer<UInt32>

    // Input: bytes `next..<inputEnd` of the buffer; zeros follow.
    private var next: UnsafePointer<UInt8>
    private var inputEnd: UnsafePointer<UInt8>
    private(set) var bytesRead: Int
    private var isInputOver = false
    private var bits: UInt64 = 0
    private var bitCount = 0

    // Output: `given..<out` of the window waits to be taken.
    private var out: UnsafeMutablePointer<UInt8>
    private var given: UnsafeMutablePointer<UInt8>
    /// The first byte of the member that is still in the window.
    private var memberStart: UnsafeMutablePointer<UInt8>
    private var checked: UnsafeMutablePointer<UInt8>
    private var checksum: UInt32 = 0
    private var memberByteCount: UInt32 = 0

    private enum State { case header, block, stored, codes, trailer, end }
    private var state = State.header
    private var isLastBlock = false
    private var storedCount = 0
    private var members: Int

    init(_ source: any ByteSource, from offset: Int, members: Int = 0) throws {
        self.source = source
        self.members = members
        bytesRead = offset
        base = window.pointer.assumingMemoryBound(to: UInt8.self)
        litTable = tables.pointer.assumingMemoryBound(to: UInt32.self)
        distTable = litTable + 2600
        let start = UnsafePointer(input.pointer.assumingMemoryBound(to: UInt8.self))
        next = start
        inputEnd = start
        out = base
        given = base
        memberStart = base
        checked = base
    }

    func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let start = target.baseAddress else { return 0 }
        var done = 0
        while done < target.count {
            if given == out {
                if state == .end { break }
                try decodeSome()
                continue
            }
            let count = min(target.count - done, out - given)
            memcpy(start + done, given, count)
            given += count
            done += count
        }
        return done
    }

    private func damaged(_ sentence: String = "gzip data is damaged") -> QueryError {
        QueryError(.hiveBadData, sentence, in: DataLocation(file: source.entry.path))
    }

    // MARK: Input

    /// Tops the buffer up so that all bytes of the file, or at least `inputMargin`, are there.
    private func topUp() throws {
        let left = inputEnd - next
        guard left < Self.inputMargin, !isInputOver else { return }
        let start = input.pointer.assumingMemoryBound(to: UInt8.self)
        memmove(start, next, left)
        let wanted = min(Self.inputByteCount - left, source.entry.byteCount - bytesRead)
        if wanted > 0 {
            let count = try source.read(
                at: bytesRead, into: UnsafeMutableRawBufferPointer(start: start + left, count: wanted))
            guard count == wanted else { throw damaged("File was cut while it was read") }
            bytesRead += count
        }
        isInputOver = bytesRead >= source.entry.byteCount
        next = UnsafePointer(start)
        inputEnd = UnsafePointer(start + left + max(wanted, 0))
        memset(start + left + max(wanted, 0), 0, Self.inputMargin)
    }

    /// Bits for headers: slow and checked.
    private func take(_ count: Int) throws -> Int {
        while bitCount < count {
            if next == inputEnd { try topUp() }
            guard next < inputEnd else { throw damaged("gzip data ends too early") }
            bits |= UInt64(next[0]) &<< UInt64(bitCount)
            bitCount += 8
            next += 1
        }
        let value = Int(bits & ((1 &<< UInt64(count)) &- 1))
        bits &>>= UInt64(count)
        bitCount -= count
        return value
    }

    /// Gives whole bytes of the bit buffer back and drops the rest of the last one.
    private func alignToByte() {
        next -= bitCount >> 3
        bits = 0
        bitCount = 0
    }

    // MARK: Members and blocks

    /// Decodes until there is output, or the end.
    private func decodeSome() throws {
        makeRoom()
        while out == given, state != .end {
            switch state {
            case .header: try readHeader()
            case .block: try readBlockHeader()
            case .stored: try copyStored()
            case .codes: try decodeCodes()
            case .trailer: try readTrailer()
            case .end: return
            }
        }
        updateChecksum()
    }

    /// All output was taken: keeps the history and starts filling again.
    private func makeRoom() {
        let used = out - base
        guard used > Self.historyByteCount else { return }
        updateChecksum()
        memmove(base, out - Self.historyByteCount, Self.historyByteCount)
        let moved = used - Self.historyByteCount
        memberStart = memberStart - base > moved ? memberStart - moved : base
        out = base + Self.historyByteCount
        given = out
        checked = out
    }

    private func updateChecksum() {
        let count = out - checked
        guard count > 0 else { return }
        checksum = libdeflate_crc32(checksum, checked, count)
        memberByteCount &+= UInt32(truncatingIfNeeded: count)
        checked = out
    }

    private var roomLeft: Int { Self.historyByteCount + Self.roomByteCount - (out - base) }

    private func readHeader() throws {
        try topUp()
        if next == inputEnd {
            guard members > 0 else { throw damaged("gzip data ends too early") }
            state = .end
            return
        }
        if members > 0, next[0] == 0 {
            // Zeros may fill the file up.
            while true {
                while next < inputEnd {
                    guard next[0] == 0 else { throw damaged("Bytes after the end of gzip data") }
                    next += 1
                }
                try topUp()
                if next == inputEnd { break }
            }
            state = .end
            return
        }
        guard try take(16) == 0x8b1f, try take(8) == 8 else {
            throw damaged(members > 0 ? "Bytes after the end of gzip data" : "gzip data is damaged")
        }
        let flags = try take(8)
        guard flags & 0xe0 == 0 else { throw damaged() }
        for _ in 0..<6 { _ = try take(8) }
        if flags & 4 != 0 {
            let count = try take(16)
            for _ in 0..<count { _ = try take(8) }
        }
        for flag in [8, 16] where flags & flag != 0 {
            while try take(8) != 0 {}
        }
        if flags & 2 != 0 { _ = try take(16) }
        members += 1
        checksum = libdeflate_crc32(0, nil, 0)
        memberByteCount = 0
        memberStart = out
        checked = out
        state = .block
    }

    private func readTrailer() throws {
        updateChecksum()
        alignToByte()
        let low = try take(16)
        let stored = UInt32(low | (try take(16)) << 16)
        let lowCount = try take(16)
        let count = UInt32(lowCount | (try take(16)) << 16)
        guard stored == checksum, count == memberByteCount else {
            throw damaged("gzip data is damaged (wrong checksum)")
        }
        state = .header
    }

    private func readBlockHeader() throws {
        if isLastBlock {
            isLastBlock = false
            state = .trailer
            return
        }
        isLastBlock = try take(1) == 1
        switch try take(2) {
        case 0:
            alignToByte()
            let count = try take(16)
            guard try take(16) == count ^ 0xffff else { throw damaged() }
            alignToByte()
            storedCount = count
            state = .stored
        case 1:
            var lengths = [UInt8](repeating: 8, count: 288)
            for symbol in 144..<256 { lengths[symbol] = 9 }
            for symbol in 256..<280 { lengths[symbol] = 7 }
            try makeTable(lengths, isDistance: false)
            try makeTable([UInt8](repeating: 5, count: 32), isDistance: true)
            state = .codes
        case 2:
            try readDynamicCodes()
            state = .codes
        default: throw damaged()
        }
    }

    private func copyStored() throws {
        while storedCount > 0, roomLeft > 0 {
            if next == inputEnd { try topUp() }
            let count = min(storedCount, roomLeft, inputEnd - next)
            guard count > 0 else { throw damaged("gzip data ends too early") }
            memcpy(out, next, count)
            out += count
            next += count
            storedCount -= count
        }
        if storedCount == 0 { state = .block }
    }

    private func readDynamicCodes() throws {
        let litCount = try take(5) + 257
        let distCount = try take(5) + 1
        let codeCount = try take(4) + 4
        guard litCount <= 286, distCount <= 30 else { throw damaged() }
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<codeCount { codeLengths[order[index]] = UInt8(try take(3)) }
        // Codes of at most 7 bits: a plain table of (symbol << 4 | length).
        var table = [UInt16](repeating: 0, count: 128)
        var code = 0
        var space = 0
        for length in 1...7 {
            for symbol in 0..<19 where codeLengths[symbol] == length {
                guard code < 1 << length else { throw damaged() }
                space += 1 << (7 - length)
                let start = Self.reversed(code, length)
                for entry in stride(from: start, to: 128, by: 1 << length) {
                    table[entry] = UInt16(symbol << 4 | length)
                }
                code += 1
            }
            code <<= 1
        }
        guard space <= 128 else { throw damaged() }
        var lengths = [UInt8](repeating: 0, count: litCount + distCount)
        var index = 0
        while index < lengths.count {
            // Up to 7 bits may lie past the end of the input: read what is there.
            while bitCount < 7 {
                if next == inputEnd { try topUp() }
                guard next < inputEnd else { break }
                bits |= UInt64(next[0]) &<< UInt64(bitCount)
                bitCount += 8
                next += 1
            }
            let entry = table[Int(bits & 127)]
            let length = Int(entry & 15)
            guard length > 0, length <= bitCount else { throw damaged() }
            bits &>>= UInt64(length)
            bitCount -= length
            let symbol = Int(entry >> 4)
            var value: UInt8 = 0
            var times = 1
            switch symbol {
            case 16:
                guard index > 0 else { throw damaged() }
                value = lengths[index - 1]
                times = 3 + (try take(2))
            case 17: times = 3 + (try take(3))
            case 18: times = 11 + (try take(7))
            default: value = UInt8(symbol)
            }
            guard index + times <= lengths.count else { throw damaged() }
            for _ in 0..<times {
                lengths[index] = value
                index += 1
            }
        }
        guard lengths[256] != 0 else { throw damaged() }
        try makeTable(Array(lengths[..<litCount]), isDistance: false)
        try makeTable(Array(lengths[litCount...]), isDistance: true)
    }

    // MARK: Tables

    private static func reversed(_ code: Int, _ length: Int) -> Int {
        var result = 0
        for bit in 0..<length where code >> bit & 1 == 1 { result |= 1 << (length - 1 - bit) }
        return result
    }

    private static let lengthBases: [UInt32] = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let lengthExtras: [UInt32] = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let distBases: [UInt32] = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12289, 16385, 24577,
    ]
    private static let distExtras: [UInt32] = [
        0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
    ]

    /// What a symbol's code of `length` bits decodes to (`length`: bits taken from this table).
    private static func entry(_ symbol: Int, _ length: Int, isDistance: Bool) -> UInt32 {
        let taken = UInt32(length)
        if isDistance {
            guard symbol < 30 else { return 0 }
            return distBases[symbol] << 16 | taken << 8 | (taken + distExtras[symbol])
        }
        if symbol < 256 { return literal | UInt32(symbol) << 16 | taken }
        if symbol == 256 { return exceptional | endOfBlock | taken }
        guard symbol < 286 else { return 0 }
        return lengthBases[symbol - 257] << 16 | taken << 8 | (taken + lengthExtras[symbol - 257])
    }

    private func makeTable(_ lengths: [UInt8], isDistance: Bool) throws {
        let tableBits = isDistance ? Self.distBits : Self.litBits
        let table = isDistance ? distTable : litTable
        let capacity = isDistance ? 4096 - 2600 : 2600
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths { counts[Int(length)] += 1 }
        counts[0] = 0
        // The codes must fill the space exactly; a lone code, or none for distances, may leave it open.
        var space = 0
        for length in 1...15 { space += counts[length] << (15 - length) }
        guard space <= 1 << 15 else { throw damaged() }
        if space < 1 << 15, counts.reduce(0, +) > 1 { throw damaged() }
        for index in 0..<(1 << tableBits) { table[index] = 0 }
        var nextCodes = [Int](repeating: 0, count: 16)
        var code = 0
        for length in 1...15 {
            nextCodes[length] = code
            code = (code + counts[length]) << 1
        }
        // Codes longer than the table: the widest of each prefix says how large its subtable is.
        var widest: [Int: Int] = [:]
        var codes = [Int](repeating: 0, count: lengths.count)
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let reversed = Self.reversed(nextCodes[Int(length)], Int(length))
            nextCodes[Int(length)] += 1
            codes[symbol] = reversed
            if Int(length) > tableBits {
                let prefix = reversed & ((1 << tableBits) - 1)
                widest[prefix] = max(widest[prefix] ?? 0, Int(length) - tableBits)
            }
        }
        var used = 1 << tableBits
        for (prefix, subBits) in widest {
            guard used + (1 << subBits) <= capacity else { throw damaged() }
            table[prefix] = UInt32(used) << 16 | Self.exceptional | UInt32(subBits) << 8 | UInt32(tableBits)
            for index in 0..<(1 << subBits) { table[used + index] = 0 }
            used += 1 << subBits
        }
        for (symbol, length) in lengths.enumerated() where length > 0 {
            let length = Int(length)
            if length <= tableBits {
                let entry = Self.entry(symbol, length, isDistance: isDistance)
                var index = codes[symbol]
                while index < 1 << tableBits {
                    table[index] = entry
                    index += 1 << length
                }
            } else {
                let pointer = table[codes[symbol] & ((1 << tableBits) - 1)]
                let first = Int(pointer >> 16)
                let subBits = Int(pointer >> 8 & 15)
                let rest = length - tableBits
                let entry = Self.entry(symbol, rest, isDistance: isDistance)
                var index = codes[symbol] >> tableBits
                while index < 1 << subBits {
                    table[first + index] = entry
                    index += 1 << rest
                }
            }
        }
    }

    // MARK: Codes

    /// Decodes literals and matches until the room is full or the block ends.
    private func decodeCodes() throws {
        let litTable = UnsafePointer(self.litTable)
        let distTable = UnsafePointer(self.distTable)
        let litMask: UInt64 = (1 << UInt64(Self.litBits)) - 1
        let distMask: UInt64 = (1 << UInt64(Self.distBits)) - 1
        while true {
            try topUp()
            var next = self.next
            var bits = self.bits
            // Above the low six bits there may be rubbish while the loop runs.
            var bitCount = UInt64(self.bitCount)
            var out = self.out
            let start = memberStart
            let outEnd = base + Self.historyByteCount + Self.roomByteCount - 258 - 3
            let inputLimit = isInputOver ? inputEnd + 16 : inputEnd - 32
            var isEnd = false
            var isBroken = false
            loop: while next < inputLimit, out <= outEnd {
                bits |= UnsafeRawPointer(next).loadUnaligned(as: UInt64.self) &<< bitCount
                next += Int((63 &- bitCount) &>> 3)
                bitCount |= 56
                var entry = litTable[Int(bits & litMask)]
                if entry & Self.literal != 0 {
                    out[0] = UInt8(truncatingIfNeeded: entry &>> 16)
                    out += 1
                    bits &>>= UInt64(entry & 0x3f)
                    bitCount &-= UInt64(entry & 0x3f)
                    entry = litTable[Int(bits & litMask)]
                    if entry & Self.literal != 0 {
                        out[0] = UInt8(truncatingIfNeeded: entry &>> 16)
                        out += 1
                        bits &>>= UInt64(entry & 0x3f)
                        bitCount &-= UInt64(entry & 0x3f)
                        entry = litTable[Int(bits & litMask)]
                        if entry & Self.literal != 0 {
                            out[0] = UInt8(truncatingIfNeeded: entry &>> 16)
                            out += 1
                            bits &>>= UInt64(entry & 0x3f)
                            bitCount &-= UInt64(entry & 0x3f)
                            continue
                        }
                    }
                    // A match needs up to 48 bits.
                    bits |= UnsafeRawPointer(next).loadUnaligned(as: UInt64.self) &<< bitCount
                    next += Int((63 &- bitCount) &>> 3)
                    bitCount |= 56
                }
                if entry & Self.exceptional != 0 {
                    if entry & Self.endOfBlock != 0 {
                        bits &>>= UInt64(entry & 0x3f)
                        bitCount &-= UInt64(entry & 0x3f)
                        isEnd = true
                        break loop
                    }
                    let subMask: UInt64 = (1 &<< UInt64(entry &>> 8 & 15)) &- 1
                    bits &>>= UInt64(Self.litBits)
                    bitCount &-= UInt64(Self.litBits)
                    entry = litTable[Int(entry &>> 16) &+ Int(bits & subMask)]
                    if entry & Self.literal != 0 {
                        out[0] = UInt8(truncatingIfNeeded: entry &>> 16)
                        out += 1
                        bits &>>= UInt64(entry & 0x3f)
                        bitCount &-= UInt64(entry & 0x3f)
                        continue
                    }
                    if entry & Self.exceptional != 0 {
                        bits &>>= UInt64(entry & 0x3f)
                        bitCount &-= UInt64(entry & 0x3f)
                        isEnd = entry & Self.endOfBlock != 0
                        isBroken = !isEnd
                        break loop
                    }
                }
                if entry == 0 {
                    isBroken = true
                    break loop
                }
                let lengthTotal = UInt64(entry & 0x3f)
                let length =
                    Int(entry &>> 16) &+ Int((bits & ((1 &<< lengthTotal) &- 1)) &>> UInt64(entry &>> 8 & 15))
                bits &>>= lengthTotal
                bitCount &-= lengthTotal
                var distance = distTable[Int(bits & distMask)]
                if distance & Self.exceptional != 0 {
                    let subMask: UInt64 = (1 &<< UInt64(distance &>> 8 & 15)) &- 1
                    bits &>>= UInt64(Self.distBits)
                    bitCount &-= UInt64(Self.distBits)
                    distance = distTable[Int(distance &>> 16) &+ Int(bits & subMask)]
                }
                if distance == 0 {
                    isBroken = true
                    break loop
                }
                let distTotal = UInt64(distance & 0x3f)
                let offset =
                    Int(distance &>> 16) &+ Int((bits & ((1 &<< distTotal) &- 1)) &>> UInt64(distance &>> 8 & 15))
                bits &>>= distTotal
                bitCount &-= distTotal
                if offset > out - start {
                    isBroken = true
                    break loop
                }
                Self.copyMatch(out, offset, length)
                out += length
            }
            // Whole bytes that were loaded but not used go back.
            bitCount &= 63
            next -= Int(bitCount &>> 3)
            bitCount &= 7
            bits &= (1 &<< bitCount) &- 1
            self.next = next
            self.bits = bits
            self.bitCount = Int(bitCount)
            self.out = out
            if isBroken { throw damaged() }
            if next > inputEnd { throw damaged("gzip data ends too early") }
            if isEnd {
                state = .block
                return
            }
            if out > outEnd { return }
            if isInputOver, next >= inputEnd { throw damaged("gzip data ends too early") }
        }
    }

    /// Copies `length` bytes from `offset` bytes back; up to 32 bytes past the end may be overwritten.
    @inline(__always)
    private static func copyMatch(_ out: UnsafeMutablePointer<UInt8>, _ offset: Int, _ length: Int) {
        var to = UnsafeMutableRawPointer(out)
        let end = to + length
        var from = UnsafeRawPointer(out - offset)
        if offset >= 16 {
            repeat {
                to.storeBytes(of: from.loadUnaligned(as: SIMD16<UInt8>.self), as: SIMD16<UInt8>.self)
                to += 16
                from += 16
            } while to < end
        } else if offset >= 8 {
            repeat {
                to.storeBytes(of: from.loadUnaligned(as: UInt64.self), as: UInt64.self)
                to += 8
                from += 8
            } while to < end
        } else if offset == 1 {
            let run = SIMD16<UInt8>(repeating: out[-1])
            repeat {
                to.storeBytes(of: run, as: SIMD16<UInt8>.self)
                to += 16
            } while to < end
        } else {
            for index in 0..<length { out[index] = out[index &- offset] }
        }
    }
}
