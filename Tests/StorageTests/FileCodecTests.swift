import SQLTypes
import Storage
import StorageTestSupport
import Testing

/// Whole-file codecs against what the reference libraries and programs write.
@Suite struct FileCodecTests {
    /// Text, runs, noise and mixtures: what exercises literals, short and long matches and stored blocks.
    static func samples() -> [[UInt8]] {
        var random = Seeded(7)
        let words = ["select", "from", "where", "the", "quick", "brown", "fox", ",", "\n", "1996-03-13", "0.04"]
        var text: [UInt8] = []
        while text.count < 700_000 { text += Array((words.randomElement(using: &random) ?? "").utf8) }
        let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        var skewed: [UInt8] = []
        while skewed.count < 300_000 {
            // Many symbol frequencies, so that codes get long.
            let zeros = UInt64.random(in: 1...UInt64.max, using: &random).trailingZeroBitCount
            skewed.append(UInt8(min(zeros * 3 + Int.random(in: 0...2, using: &random), 255)))
        }
        let runs = [UInt8](repeating: 65, count: 200_000) + Array("ab".utf8) + [UInt8](repeating: 66, count: 70_000)
        return [[], [42], Array("hello\n".utf8), text, noise, skewed, runs, text + noise + runs + text]
    }

    static func read(_ stream: any ByteStream, step: Int = 50_000) throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try [UInt8](unsafeUninitializedCapacity: step) { room, count in
                count = try stream.read(into: UnsafeMutableRawBufferPointer(room))
            }
            all += piece
            if piece.count < step { return all }
        }
    }

    static func unpack(_ path: String, _ bytes: [UInt8], step: Int = 50_000) throws -> [UInt8] {
        let source = MemorySource(path, bytes)
        return try read(try FileCodec.detect(source).stream(source), step: step)
    }

    @Test func unpacksGzipWholeAndStreamed() throws {
        for sample in Self.samples() {
            for level: Int32 in [0, 1, 6, 12] {
                let packed = Packing.gzip(sample, level: level)
                #expect(try Self.unpack("a.gz", packed) == sample)
                let streamed = try GzipStream(MemorySource("a.gz", packed), wholeLimit: 0)
                #expect(try Self.read(streamed, step: 33_333) == sample)
            }
        }
    }

    @Test func unpacksGzipMembersAndPadding() throws {
        let first = Array("first\n".utf8)
        let second = Self.samples()[3]
        let packed = Packing.gzip(first, level: 6) + Packing.gzip([], level: 6) + Packing.gzip(second, level: 9)
        for tail in [[], [UInt8](repeating: 0, count: 700)] {
            for limit in [GzipStream.wholeLimit, 0] {
                let stream = try GzipStream(MemorySource("a.gz", packed + tail), wholeLimit: limit)
                #expect(try Self.read(stream) == first + second)
            }
        }
        for limit in [GzipStream.wholeLimit, 0] {
            #expect(throws: QueryError.self) {
                try Self.read(try GzipStream(MemorySource("a.gz", packed + [1, 2, 3]), wholeLimit: limit))
            }
        }
    }

    @Test func unpacksOtherCodecs() throws {
        for sample in Self.samples() where !sample.isEmpty {
            #expect(try Self.unpack("a.zst", Packing.zstd(sample)) == sample)
            #expect(try Self.unpack("a.zst", Packing.zstd(sample) + Packing.zstd(sample)) == sample + sample)
            #expect(try Self.unpack("a.bz2", Packing.bzip2(sample)) == sample)
            #expect(try Self.unpack("a.bz2", Packing.bzip2(sample) + Packing.bzip2(sample)) == sample + sample)
            #expect(try Self.unpack("a.lz4", Packing.lz4(sample)) == sample)
            #expect(try Self.unpack("a.lz4", Packing.lz4(sample) + Packing.lz4(sample)) == sample + sample)
            #expect(try Self.unpack("a.snappy", Packing.hadoop(sample, Packing.snappyBlock)) == sample)
            #expect(try Self.unpack("a.lz4", Packing.hadoop(sample, Packing.lz4Block)) == sample)
            #expect(try Self.unpack("a.csv", sample) == sample)
        }
    }

    /// Bytes of the programs gzip, bzip2, zstd and of a snappy framing writer, all of "athena,lite\n1,2\n".
    @Test func unpacksWhatProgramsWrite() throws {
        let fixtures = [
            (
                "a.gz",
                [
                    31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 75, 44, 201, 72, 205, 75, 212, 201, 201, 44, 73, 229, 50, 212,
                    49, 226, 2, 0, 17, 35, 138, 85, 16, 0, 0, 0,
                ] as [UInt8]
            ),
            (
                "b.gz",
                [
                    31, 139, 8, 0, 12, 116, 3, 107, 2, 255, 75, 44, 201, 72, 205, 75, 212, 201, 201, 44, 73, 229,
                    50, 212, 49, 226, 2, 0, 17, 35, 138, 85, 16, 0, 0, 0,
                ] as [UInt8]
            ),
            (
                "a.bz2",
                [
                    66, 90, 104, 57, 49, 65, 89, 38, 83, 89, 36, 29, 129, 143, 0, 0, 3, 217, 128, 0, 16, 0, 4, 48,
                    0, 34, 101, 4, 0, 32, 0, 49, 0, 211, 77, 4, 6, 65, 161, 0, 131, 210, 182, 17, 229, 190, 46,
                    228, 138, 112, 161, 32, 72, 59, 3, 30,
                ] as [UInt8]
            ),
            (
                "a.zst",
                [
                    40, 181, 47, 253, 32, 16, 129, 0, 0, 97, 116, 104, 101, 110, 97, 44, 108, 105, 116, 101, 10,
                    49, 44, 50, 10,
                ] as [UInt8]
            ),
            (
                "a.sz",
                [
                    255, 6, 0, 0, 115, 78, 97, 80, 112, 89, 0, 22, 0, 0, 225, 204, 217, 42, 16, 60, 97, 116, 104,
                    101, 110, 97, 44, 108, 105, 116, 101, 10, 49, 44, 50, 10,
                ] as [UInt8]
            ),
            (
                "b.snappy",
                [
                    255, 6, 0, 0, 115, 78, 97, 80, 112, 89, 1, 9, 0, 0, 35, 77, 200, 18, 97, 116, 104, 101, 110,
                    254, 3, 0, 0, 97, 98, 99, 0, 17, 0, 0, 184, 223, 63, 226, 11, 40, 97, 44, 108, 105, 116, 101,
                    10, 49, 44, 50, 10,
                ] as [UInt8]
            ),
        ]
        for (path, bytes) in fixtures { #expect(try Self.unpack(path, bytes) == Array("athena,lite\n1,2\n".utf8)) }
    }

    @Test func detectsByMagicBeforeName() throws {
        let packed = Packing.gzip(Array("x".utf8), level: 6)
        #expect(try FileCodec.detect(MemorySource("data.csv", packed)) == .gzip)
        #expect(try FileCodec.detect(MemorySource("DATA.CSV.GZ", packed)) == .gzip)
        #expect(try FileCodec.detect(MemorySource("data.snappy", [0, 0, 0, 1])) == .snappy)
        #expect(try FileCodec.detect(MemorySource("data.gz", [])) == .plain)
        #expect(throws: QueryError.self) { try FileCodec.detect(MemorySource("data.gz", Array("a,b\n".utf8))) }
    }

    /// Damaged files end with an error that names the file, or with some bytes: never with a crash or without end.
    @Test func survivesDamage() throws {
        var random = Seeded(11)
        let sample = Array(Self.samples()[3].prefix(5000)) + Array(Self.samples()[4].prefix(300))
        let packed: [(String, [UInt8])] = [
            ("a.gz", Packing.gzip(sample, level: 9)), ("a.gz", Packing.gzip(sample, level: 1)),
            ("a.zst", Packing.zstd(sample)), ("a.bz2", Packing.bzip2(sample)), ("a.lz4", Packing.lz4(sample)),
            ("b.lz4", Packing.hadoop(sample, Packing.lz4Block)),
            ("b.snappy", Packing.hadoop(sample, Packing.snappyBlock)),
        ]
        for (path, bytes) in packed {
            for round in 0..<400 {
                var broken = bytes
                if round % 4 == 0 {
                    broken.removeLast(Int.random(in: 1..<broken.count, using: &random))
                } else {
                    for _ in 0...Int.random(in: 0...3, using: &random) {
                        broken[Int.random(in: 0..<broken.count, using: &random)] = UInt8.random(
                            in: 0...255, using: &random)
                    }
                }
                do {
                    if path == "a.gz", round % 2 == 0 {
                        _ = try Self.read(try GzipStream(MemorySource(path, broken), wholeLimit: 0))
                    } else {
                        _ = try Self.unpack(path, broken)
                    }
                } catch let error as QueryError {
                    #expect(error.location?.file == path)
                }
            }
        }
    }
}
