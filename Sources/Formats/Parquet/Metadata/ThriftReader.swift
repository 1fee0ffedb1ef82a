/// Reads Thrift's compact protocol, which Parquet writes all metadata in, straight from bytes.
///
/// Nothing throws: the first thing that does not fit sets `failed` and every later read gives zero, so that callers
/// check once at the end.
struct ThriftReader {
    private(set) var position: UnsafePointer<UInt8>
    let end: UnsafePointer<UInt8>
    private(set) var failed = false
    private var depth = 0

    static let depthLimit = 48

    /// Field and element types.
    enum Kind {
        static let yes: UInt8 = 1
        static let no: UInt8 = 2
        static let byte: UInt8 = 3
        static let int16: UInt8 = 4
        static let int32: UInt8 = 5
        static let int64: UInt8 = 6
        static let double: UInt8 = 7
        static let binary: UInt8 = 8
        static let list: UInt8 = 9
        static let set: UInt8 = 10
        static let map: UInt8 = 11
        static let structure: UInt8 = 12
    }

    init(_ bytes: UnsafePointer<UInt8>, count: Int) {
        position = bytes
        end = bytes + count
    }

    var remaining: Int { end - position }

    mutating func fail() {
        failed = true
        position = end
    }

    @inline(__always)
    mutating func byte() -> UInt8 {
        guard position < end else {
            failed = true
            return 0
        }
        let value = position.pointee
        position += 1
        return value
    }

    mutating func varint() -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = byte()
            result |= UInt64(next & 0x7f) &<< shift
            if next & 0x80 == 0 { return result }
            shift &+= 7
        }
        fail()
        return 0
    }

    mutating func zigzag() -> Int64 {
        let raw = varint()
        return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
    }

    /// An integer field of type `kind`; 0 for anything else, as some writers used field numbers of their own.
    mutating func integer(_ kind: UInt8) -> Int {
        switch kind {
        case Kind.byte: return Int(Int8(bitPattern: byte()))
        case Kind.int16, Kind.int32, Kind.int64: return Int(zigzag())
        default:
            skip(kind)
            return 0
        }
    }

    /// A boolean field: its value is its type.
    mutating func boolean(_ kind: UInt8) -> Bool {
        if kind == Kind.yes { return true }
        if kind != Kind.no { fail() }
        return false
    }

    /// A string's or binary's bytes, in place.
    mutating func binary(_ kind: UInt8) -> UnsafeBufferPointer<UInt8> {
        guard kind == Kind.binary else {
            fail()
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let count = varint()
        guard count <= UInt64(remaining) else {
            fail()
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let bytes = UnsafeBufferPointer(start: position, count: Int(count))
        position += Int(count)
        return bytes
    }

    mutating func string(_ kind: UInt8) -> String { String(decoding: binary(kind), as: UTF8.self) }

    /// Calls `body` with each field's number and type; it reads or skips the field.
    @inline(__always)
    mutating func structure(_ body: (inout ThriftReader, Int, UInt8) -> Void) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            fail()
            return
        }
        var field = 0
        while !failed {
            let header = byte()
            if header == 0 { return }
            let delta = Int(header >> 4)
            field = delta == 0 ? Int(truncatingIfNeeded: zigzag()) : field &+ delta
            body(&self, field, header & 15)
        }
    }

    /// Calls `body` for a structure field of type `kind`.
    @inline(__always)
    mutating func structure(_ kind: UInt8, _ body: (inout ThriftReader, Int, UInt8) -> Void) {
        guard kind == Kind.structure else {
            fail()
            return
        }
        structure(body)
    }

    /// Calls `body` with each element's type. `begin` gets the count first.
    @inline(__always)
    mutating func list(_ kind: UInt8, begin: (Int) -> Void = { _ in }, _ body: (inout ThriftReader, UInt8) -> Void) {
        guard kind == Kind.list || kind == Kind.set else {
            fail()
            return
        }
        let header = byte()
        let element = header & 15
        let long = header >> 4 == 15
        let count = long ? varint() : UInt64(header >> 4)
        // Every element takes at least a byte.
        guard count <= UInt64(remaining) else {
            fail()
            return
        }
        begin(Int(count))
        var left = count
        while left > 0 && !failed {
            body(&self, element)
            left -= 1
        }
    }

    /// A boolean inside a list, where it is a byte.
    mutating func listedBoolean() -> Bool { byte() == 1 }

    mutating func skip(_ kind: UInt8) {
        switch kind {
        case Kind.yes, Kind.no: break
        case Kind.byte: _ = byte()
        case Kind.int16, Kind.int32, Kind.int64: _ = varint()
        case Kind.double: advance(8)
        case Kind.binary: _ = binary(kind)
        case Kind.list, Kind.set:
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.depthLimit else {
                fail()
                return
            }
            list(kind) { reader, element in
                if element == Kind.yes || element == Kind.no { _ = reader.byte() } else { reader.skip(element) }
            }
        case Kind.map:
            let count = varint()
            guard count > 0 else { return }
            let kinds = byte()
            guard count <= UInt64(remaining) else {
                fail()
                return
            }
            depth += 1
            defer { depth -= 1 }
            guard depth <= Self.depthLimit else {
                fail()
                return
            }
            var left = count
            while left > 0 && !failed {
                skip(kinds >> 4)
                skip(kinds & 15)
                left -= 1
            }
        case Kind.structure: structure { reader, _, kind in reader.skip(kind) }
        default: fail()
        }
    }

    /// Steps over bytes.
    mutating func advance(_ count: Int) {
        guard remaining >= count else {
            fail()
            return
        }
        position += count
    }
}
