import Columnar
import SQLTypes

/// The character encoding of a text file. All but UTF-8 are turned into UTF-8 while reading.
public enum TextEncoding: String, Sendable {
    case utf8, latin1, windows1252, utf16, utf16LittleEndian, utf16BigEndian

    /// By the names that Java accepts for `serialization.encoding`.
    ///
    /// - Throws: NOT_SUPPORTED for other encodings.
    public init(named name: String) throws {
        switch name.lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii", "": self = .utf8
        case "iso-8859-1", "iso8859-1", "iso8859_1", "latin1", "latin-1": self = .latin1
        case "windows-1252", "cp1252": self = .windows1252
        case "utf-16", "utf16": self = .utf16
        case "utf-16le": self = .utf16LittleEndian
        case "utf-16be": self = .utf16BigEndian
        default: throw QueryError(.notSupported, "Text encoding is not supported: \(name)")
        }
    }

    /// What the first bytes say: the byte order marks of UTF-8 and UTF-16.
    public static func byteOrderMark(_ head: UnsafeBufferPointer<UInt8>) -> (encoding: TextEncoding, byteCount: Int)? {
        if head.count >= 3, head[0] == 0xef, head[1] == 0xbb, head[2] == 0xbf { return (.utf8, 3) }
        if head.count >= 2, head[0] == 0xff, head[1] == 0xfe { return (.utf16LittleEndian, 2) }
        if head.count >= 2, head[0] == 0xfe, head[1] == 0xff { return (.utf16BigEndian, 2) }
        return nil
    }
}

/// Turns a stream of another encoding into UTF-8. What is no character becomes U+FFFD.
public final class TranscodingStream: ByteStream {
    private let inner: any ByteStream
    private var encoding: TextEncoding
    private let raw = Buffer(byteCount: 64 << 10)
    private var rawStart = 0
    private var rawEnd = 0
    private var rawIsLast = false
    /// UTF-8 bytes that did not fit.
    private var pending: [UInt8] = []
    private var isFirst = true

    public init(_ inner: any ByteStream, _ encoding: TextEncoding) {
        self.inner = inner
        self.encoding = encoding
    }

    public var bytesRead: Int { inner.bytesRead }

    public func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        func put(_ bytes: [UInt8]) {
            for byte in bytes {
                if done < target.count {
                    target[done] = byte
                    done += 1
                } else {
                    pending.append(byte)
                }
            }
        }
        let waiting = pending
        pending = []
        put(waiting)
        while done < target.count {
            guard let scalar = try nextScalar() else { break }
            put(Array(String(scalar).utf8))
        }
        return done
    }

    private func byte() throws -> UInt8? {
        if rawStart == rawEnd {
            if rawIsLast { return nil }
            rawEnd = try inner.read(into: UnsafeMutableRawBufferPointer(start: raw.pointer, count: raw.byteCount))
            rawStart = 0
            rawIsLast = rawEnd < raw.byteCount
            if rawEnd == 0 { return nil }
        }
        defer { rawStart += 1 }
        return raw.pointer.load(fromByteOffset: rawStart, as: UInt8.self)
    }

    private func unit() throws -> UInt16? {
        guard let first = try byte() else { return nil }
        guard let second = try byte() else { return 0xfffd }
        return encoding == .utf16LittleEndian
            ? UInt16(first) | UInt16(second) << 8 : UInt16(first) << 8 | UInt16(second)
    }

    private var heldUnit: UInt16?

    private func nextScalar() throws -> UnicodeScalar? {
        let replacement = UnicodeScalar(0xfffd as UInt16) ?? UnicodeScalar(0x3f)
        switch encoding {
        case .utf8, .latin1:
            return try byte().map { UnicodeScalar($0) }
        case .windows1252:
            guard let byte = try byte() else { return nil }
            if (0x80...0x9f).contains(byte) {
                return UnicodeScalar(Self.windowsHigh[Int(byte) - 0x80]) ?? replacement
            }
            return UnicodeScalar(byte)
        case .utf16, .utf16LittleEndian, .utf16BigEndian:
            guard var unit = try heldUnit ?? unit() else { return nil }
            heldUnit = nil
            if isFirst {
                isFirst = false
                if encoding == .utf16 { encoding = .utf16BigEndian }
                if unit == 0xfffe {
                    encoding = encoding == .utf16LittleEndian ? .utf16BigEndian : .utf16LittleEndian
                }
                if unit == 0xfffe || unit == 0xfeff {
                    guard let next = try self.unit() else { return nil }
                    unit = next
                }
            }
            if UTF16.isLeadSurrogate(unit) {
                guard let low = try self.unit() else { return replacement }
                if UTF16.isTrailSurrogate(low) {
                    let code = 0x10000 + (UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00)
                    return UnicodeScalar(code) ?? replacement
                }
                heldUnit = low
                return replacement
            }
            return UnicodeScalar(unit) ?? replacement
        }
    }

    /// Windows-1252 from 0x80 to 0x9f.
    private static let windowsHigh: [UInt16] = [
        0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
        0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
        0x0153, 0x9d, 0x017e, 0x0178,
    ]
}
