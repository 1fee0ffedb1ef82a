/// Message digests and checksums in plain Swift: MD5 (RFC 1321), SHA-1, SHA-256 and SHA-512 (FIPS 180-4), HMAC (RFC 2104),
/// CRC-32 (IEEE 802.3), xxHash64 and MurmurHash3 x64 128.
enum Digests {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The message followed by 0x80, zeros and its length in bits, in whole blocks.
    private static func padded(_ message: Bytes, block: Int, lengthBytes: Int, isBigEndian: Bool) -> [UInt8] {
        var bytes = Array(message)
        bytes.append(0x80)
        while bytes.count % block != block - lengthBytes { bytes.append(0) }
        let bits = UInt64(message.count) &* 8
        for index in 0..<lengthBytes {
            let shift = isBigEndian ? (lengthBytes - 1 - index) * 8 : index * 8
            bytes.append(shift >= 64 ? 0 : UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        return bytes
    }

    static func md5(_ message: Bytes) -> [UInt8] {
        let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]
        var state: (UInt32, UInt32, UInt32, UInt32) = (0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
        let bytes = padded(message, block: 64, lengthBytes: 8, isBigEndian: false)
        bytes.withUnsafeBytes { raw in
            for start in stride(from: 0, to: bytes.count, by: 64) {
                var (a, b, c, d) = state
                for round in 0..<64 {
                    let f: UInt32
                    let index: Int
                    switch round >> 4 {
                    case 0: (f, index) = ((b & c) | (~b & d), round)
                    case 1: (f, index) = ((d & b) | (~d & c), (5 &* round &+ 1) & 15)
                    case 2: (f, index) = (b ^ c ^ d, (3 &* round &+ 5) & 15)
                    default: (f, index) = (c ^ (b | ~d), (7 &* round) & 15)
                    }
                    let word = UInt32(
                        littleEndian: raw.loadUnaligned(fromByteOffset: start + index * 4, as: UInt32.self))
                    let sum = a &+ f &+ md5Constants[round] &+ word
                    let shift = shifts[(round >> 4) * 4 + (round & 3)]
                    let next = b &+ rotated(sum, shift)
                    a = d
                    d = c
                    c = b
                    b = next
                }
                state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
            }
        }
        return [state.0, state.1, state.2, state.3].flatMap { littleEndian($0) }
    }

    /// floor(2^32 x abs(sin(i + 1))).
    private static let md5Constants: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]

    static func sha1(_ message: Bytes) -> [UInt8] {
        var h: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
        let bytes = padded(message, block: 64, lengthBytes: 8, isBigEndian: true)
        var words = [UInt32](repeating: 0, count: 80)
        for start in stride(from: 0, to: bytes.count, by: 64) {
            for index in 0..<16 { words[index] = bigEndian32(bytes, start + index * 4) }
            for index in 16..<80 {
                words[index] = rotated(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
            }
            var (a, b, c, d, e) = (h[0], h[1], h[2], h[3], h[4])
            for round in 0..<80 {
                let f: UInt32
                let k: UInt32
                switch round {
                case 0..<20: (f, k) = ((b & c) | (~b & d), 0x5a82_7999)
                case 20..<40: (f, k) = (b ^ c ^ d, 0x6ed9_eba1)
                case 40..<60: (f, k) = ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc)
                default: (f, k) = (b ^ c ^ d, 0xca62_c1d6)
                }
                let next: UInt32 = rotated(a, 5) &+ f &+ e &+ k &+ words[round]
                e = d
                d = c
                c = rotated(b, 30)
                b = a
                a = next
            }
            h = [h[0] &+ a, h[1] &+ b, h[2] &+ c, h[3] &+ d, h[4] &+ e]
        }
        return h.flatMap { bigEndian($0) }
    }

    static func sha256(_ message: Bytes) -> [UInt8] {
        var h: [UInt32] = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
        ]
        let bytes = padded(message, block: 64, lengthBytes: 8, isBigEndian: true)
        var w = [UInt32](repeating: 0, count: 64)
        for start in stride(from: 0, to: bytes.count, by: 64) {
            for index in 0..<16 { w[index] = bigEndian32(bytes, start + index * 4) }
            for index in 16..<64 {
                let x: UInt32 = w[index - 15]
                let y: UInt32 = w[index - 2]
                let s0: UInt32 = rotated(x, 25) ^ rotated(x, 14) ^ (x &>> 3)
                let s1: UInt32 = rotated(y, 15) ^ rotated(y, 13) ^ (y &>> 10)
                w[index] = w[index - 16] &+ s0 &+ w[index - 7] &+ s1
            }
            var (v0, v1, v2, v3, v4, v5, v6, v7) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7])
            for round in 0..<64 {
                let s1: UInt32 = rotated(v4, 26) ^ rotated(v4, 21) ^ rotated(v4, 7)
                let choice: UInt32 = (v4 & v5) ^ (~v4 & v6)
                // The constants are the upper halves of SHA-512's.
                let constant = UInt32(truncatingIfNeeded: shaConstants[round] >> 32)
                let t1: UInt32 = v7 &+ s1 &+ choice &+ constant &+ w[round]
                let s0: UInt32 = rotated(v0, 30) ^ rotated(v0, 19) ^ rotated(v0, 10)
                let majority: UInt32 = (v0 & v1) ^ (v0 & v2) ^ (v1 & v2)
                (v0, v1, v2, v3, v4, v5, v6, v7) = (t1 &+ s0 &+ majority, v0, v1, v2, v3 &+ t1, v4, v5, v6)
            }
            for (index, word) in [v0, v1, v2, v3, v4, v5, v6, v7].enumerated() { h[index] = h[index] &+ word }
        }
        return h.flatMap { bigEndian($0) }
    }

    static func sha512(_ message: Bytes) -> [UInt8] {
        var h: [UInt64] = [
            0x6a09_e667_f3bc_c908, 0xbb67_ae85_84ca_a73b, 0x3c6e_f372_fe94_f82b, 0xa54f_f53a_5f1d_36f1,
            0x510e_527f_ade6_82d1, 0x9b05_688c_2b3e_6c1f, 0x1f83_d9ab_fb41_bd6b, 0x5be0_cd19_137e_2179,
        ]
        let bytes = padded(message, block: 128, lengthBytes: 16, isBigEndian: true)
        var w = [UInt64](repeating: 0, count: 80)
        for start in stride(from: 0, to: bytes.count, by: 128) {
            for index in 0..<16 {
                let high = UInt64(bigEndian32(bytes, start + index * 8))
                let low = UInt64(bigEndian32(bytes, start + index * 8 + 4))
                w[index] = high << 32 | low
            }
            for index in 16..<80 {
                let x: UInt64 = w[index - 15]
                let y: UInt64 = w[index - 2]
                let s0: UInt64 = rotated(x, 63) ^ rotated(x, 56) ^ (x &>> 7)
                let s1: UInt64 = rotated(y, 45) ^ rotated(y, 3) ^ (y &>> 6)
                w[index] = w[index - 16] &+ s0 &+ w[index - 7] &+ s1
            }
            var (v0, v1, v2, v3, v4, v5, v6, v7) = (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7])
            for round in 0..<80 {
                let s1: UInt64 = rotated(v4, 50) ^ rotated(v4, 46) ^ rotated(v4, 23)
                let choice: UInt64 = (v4 & v5) ^ (~v4 & v6)
                let t1: UInt64 = v7 &+ s1 &+ choice &+ shaConstants[round] &+ w[round]
                let s0: UInt64 = rotated(v0, 36) ^ rotated(v0, 30) ^ rotated(v0, 25)
                let majority: UInt64 = (v0 & v1) ^ (v0 & v2) ^ (v1 & v2)
                (v0, v1, v2, v3, v4, v5, v6, v7) = (t1 &+ s0 &+ majority, v0, v1, v2, v3 &+ t1, v4, v5, v6)
            }
            for (index, word) in [v0, v1, v2, v3, v4, v5, v6, v7].enumerated() { h[index] = h[index] &+ word }
        }
        return h.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - $0 * 8)) } }
    }

    /// The fractional parts of the cube roots of the first 80 primes, computed once.
    private static let shaConstants: [UInt64] = {
        var primes: [UInt64] = []
        var candidate: UInt64 = 2
        while primes.count < 80 {
            if primes.allSatisfy({ candidate % $0 != 0 }) { primes.append(candidate) }
            candidate += 1
        }
        // x = floor(cbrt(p) * 2^64) by bisection: x^3 <= p * 2^192, compared in 256 bits.
        return primes.map { prime in
            var low = UInt128(1) << 64
            var high = UInt128(8) << 64
            while high - low > 1 {
                let middle = (low + high) / 2
                // middle^3 against p << 192: middle^2 fits 135 bits, so it is split.
                let square = middle.multipliedFullWidth(by: middle)
                let lower = square.low.multipliedFullWidth(by: middle)
                let cube = square.high * middle + lower.high
                // cube holds bits 128 and up: p << 192 is p << 64 there.
                if cube >= UInt128(prime) << 64 { high = middle } else { low = middle }
            }
            return UInt64(truncatingIfNeeded: low)
        }
    }()

    static func hmac(_ message: Bytes, key: Bytes, block: Int, _ hash: (Bytes) -> [UInt8]) -> [UInt8] {
        var padded = key.count > block ? hash(key) : Array(key)
        padded += Array(repeating: 0, count: block - padded.count)
        let inner = (padded.map { $0 ^ 0x36 } + Array(message)).withUnsafeBufferPointer(hash)
        return (padded.map { $0 ^ 0x5c } + inner).withUnsafeBufferPointer(hash)
    }

    // MARK: Checksums

    static func crc32(_ message: Bytes) -> UInt32 {
        var crc: UInt32 = 0xffff_ffff
        for byte in message { crc = crcTable[Int((crc ^ UInt32(byte)) & 0xff)] ^ crc >> 8 }
        return ~crc
    }

    private static let crcTable: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xedb8_8320 ^ crc >> 1 : crc >> 1 }
    }

    static func xxHash64(_ message: Bytes, seed: UInt64 = 0) -> UInt64 {
        let p1: UInt64 = 0x9e37_79b1_85eb_ca87
        let p2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
        let p3: UInt64 = 0x1656_67b1_9e37_79f9
        let p4: UInt64 = 0x85eb_ca77_c2b2_ae63
        let p5: UInt64 = 0x27d4_eb2f_1656_67c5
        func round(_ accumulator: UInt64, _ word: UInt64) -> UInt64 { rotated(accumulator &+ word &* p2, 31) &* p1 }
        var place = 0
        var hash: UInt64
        if message.count >= 32 {
            var lanes = [seed &+ p1 &+ p2, seed &+ p2, seed, seed &- p1]
            while place + 32 <= message.count {
                for lane in 0..<4 { lanes[lane] = round(lanes[lane], word64(message, place + lane * 8)) }
                place += 32
            }
            hash = rotated(lanes[0], 1) &+ rotated(lanes[1], 7) &+ rotated(lanes[2], 12) &+ rotated(lanes[3], 18)
            for lane in lanes { hash = (hash ^ round(0, lane)) &* p1 &+ p4 }
        } else {
            hash = seed &+ p5
        }
        hash = hash &+ UInt64(message.count)
        while place + 8 <= message.count {
            hash = rotated(hash ^ round(0, word64(message, place)), 27) &* p1 &+ p4
            place += 8
        }
        if place + 4 <= message.count {
            let word = UInt64(truncatingIfNeeded: word64(message, place, count: 4))
            hash = rotated(hash ^ word &* p1, 23) &* p2 &+ p3
            place += 4
        }
        while place < message.count {
            hash = rotated(hash ^ UInt64(message[place]) &* p5, 11) &* p1
            place += 1
        }
        hash = (hash ^ hash >> 33) &* p2
        hash = (hash ^ hash >> 29) &* p3
        return hash ^ hash >> 32
    }

    static func murmur3(_ message: Bytes) -> [UInt8] {
        let c1: UInt64 = 0x87c3_7b91_1142_53d5
        let c2: UInt64 = 0x4cf5_ad43_2745_937f
        var h1: UInt64 = 0
        var h2: UInt64 = 0
        var place = 0
        while place + 16 <= message.count {
            h1 ^= rotated(word64(message, place) &* c1, 31) &* c2
            h1 = (rotated(h1, 27) &+ h2) &* 5 &+ 0x52dc_e729
            h2 ^= rotated(word64(message, place + 8) &* c2, 33) &* c1
            h2 = (rotated(h2, 31) &+ h1) &* 5 &+ 0x3849_5ab5
            place += 16
        }
        let rest = message.count - place
        if rest > 8 { h2 ^= rotated(word64(message, place + 8, count: rest - 8) &* c2, 33) &* c1 }
        if rest > 0 { h1 ^= rotated(word64(message, place, count: min(rest, 8)) &* c1, 31) &* c2 }
        func mixed(_ value: UInt64) -> UInt64 {
            var k = value
            k = (k ^ k >> 33) &* 0xff51_afd7_ed55_8ccd
            k = (k ^ k >> 33) &* 0xc4ce_b9fe_1a85_ec53
            return k ^ k >> 33
        }
        h1 ^= UInt64(message.count)
        h2 ^= UInt64(message.count)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        h1 = mixed(h1)
        h2 = mixed(h2)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        return [h1, h2].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }
    }

    // MARK: Words

    private static func rotated(_ value: UInt32, _ bits: UInt32) -> UInt32 { value &<< bits | value &>> (32 &- bits) }
    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value &<< bits | value &>> (64 &- bits) }

    /// Up to eight bytes, the first one lowest.
    private static func word64(_ bytes: Bytes, _ place: Int, count: Int = 8) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[place + index]) << UInt64(index * 8) }
        return word
    }

    private static func bigEndian32(_ bytes: [UInt8], _ place: Int) -> UInt32 {
        var word: UInt32 = 0
        for index in 0..<4 { word = word << 8 | UInt32(bytes[place + index]) }
        return word
    }

    private static func bigEndian(_ word: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - $0 * 8)) }
    }
    private static func littleEndian(_ word: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
    }
}
