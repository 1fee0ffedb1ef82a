import Columnar
import SQLTypes
import Storage
import Synchronization

/// What the build side of a join says about one key column of the probe side: least and greatest value, and a bitmap
/// of the keys where they lie close together, else a Bloom filter.
///
/// Scans below the probe side apply it before they decode other columns. Until the build side is complete it says
/// nothing; scans open their readers later.
final class JoinKeyFilter: DynamicColumnFilter, Sendable {
    /// Position among the join's keys.
    let key: Int
    let type: DataType
    private let state = Mutex<State>(State())

    private struct State: Sendable {
        var isWanted = false
        var domain = Domain.all
        var test = JoinKeyTest.everything
    }

    init(key: Int, type: DataType) {
        self.key = key
        self.type = type
    }

    /// A scan will use the filter: otherwise nothing is made.
    var isWanted: Bool { state.withLock { $0.isWanted } }
    func willBeUsed() { state.withLock { $0.isWanted = true } }

    var domain: Domain { state.withLock { $0.domain } }

    func makeEvaluator() throws -> any ScanFilterEvaluator { JoinKeyEvaluator(state.withLock { $0.test }) }

    private func publish(_ test: JoinKeyTest, _ domain: Domain) {
        state.withLock {
            $0.test = test
            $0.domain = domain
        }
    }

    /// A domain of this many keys (2 MiB of bits), or so many times the rows, gets a bitmap: it is exact, and its test
    /// a third of a Bloom filter's.
    private static let smallDomain: UInt64 = 1 << 24
    private static let domainPerRow: UInt64 = 128
    private static let largestDomain: UInt64 = 1 << 30
    /// With more rows a Bloom filter is far larger than the caches, and says little.
    private static let largestBloom = 16 << 20

    /// From the encoded keys of a join with one packed key.
    func publish(
        packedKeys: Buffer, flags: Buffer, count: Int, encoder: JoinKeyEncoder, _ context: ExecutionContext
    ) throws {
        guard let part = encoder.parts.first, count > 0 else { return publish(.nothing, .none) }
        let keys = packedKeys.pointer.assumingMemoryBound(to: UInt64.self)
        let usable = flags.pointer.assumingMemoryBound(to: UInt8.self)
        let high = Int64(bitPattern: UInt64(bitPattern: part.low) &+ part.span)
        let domain = Self.domain(type, part.low, high)
        let size = part.span &+ 1
        let limit = max(Self.smallDomain, UInt64(count).multipliedReportingOverflow(by: Self.domainPerRow).partialValue)
        guard size > 0, size <= min(limit, Self.largestDomain) else {
            guard count <= Self.largestBloom else { return publish(.range(part.low, part.span), domain) }
            let bloom = BlockedBloom(count)
            for row in 0..<count where usable[row] != 0 {
                bloom.add(Hashing.hash(keys[row] &+ UInt64(bitPattern: part.low)))
            }
            return publish(.bloom(bloom), domain)
        }
        let wordCount = Int(size / 64) + 1
        let buffer = Buffer(byteCount: wordCount * 8)
        let words = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        words.update(repeating: 0, count: wordCount)
        for row in 0..<count where usable[row] != 0 {
            words[Int(truncatingIfNeeded: keys[row] &>> 6)] |= 1 &<< (keys[row] & 63)
        }
        var set: UInt64 = 0
        for word in 0..<wordCount { set &+= UInt64(words[word].nonzeroBitCount) }
        publish(set == size ? .range(part.low, part.span) : .bits(part.low, part.span, buffer), domain)
    }

    /// From one key column of all build batches.
    func publish(_ columns: [Vector], bounds: KeyBounds, _ context: ExecutionContext) throws {
        let count = columns.reduce(0) { $0 + $1.count }
        if count == 0 { return publish(.nothing, .none) }
        guard type.physical.isIntegerLike else {
            guard count <= Self.largestBloom else { return publish(.everything, .notNull) }
            return publish(.bloom(Self.bloom(columns, count)), .notNull)
        }
        guard bounds.low <= bounds.high else { return publish(.nothing, .none) }
        let span = UInt64(bitPattern: bounds.high) &- UInt64(bitPattern: bounds.low)
        let domain = Self.domain(type, bounds.low, bounds.high)
        let limit = max(Self.smallDomain, UInt64(count).multipliedReportingOverflow(by: Self.domainPerRow).partialValue)
        guard span < min(limit, Self.largestDomain) else {
            guard count <= Self.largestBloom else { return publish(.range(bounds.low, span), domain) }
            return publish(.bloom(Self.bloom(columns, count)), domain)
        }
        let wordCount = Int(span / 64) + 1
        let buffer = Buffer(byteCount: wordCount * 8)
        let words = buffer.pointer.assumingMemoryBound(to: UInt64.self)
        words.update(repeating: 0, count: wordCount)
        for column in columns {
            IntegerLanes.forEach(column, Rows(count: column.count)) { _, value in
                let code = UInt64(bitPattern: value) &- UInt64(bitPattern: bounds.low)
                words[Int(truncatingIfNeeded: code &>> 6)] |= 1 &<< (code & 63)
            }
        }
        publish(.bits(bounds.low, span, buffer), domain)
    }

    private static func bloom(_ columns: [Vector], _ count: Int) -> BlockedBloom {
        let bloom = BlockedBloom(count)
        let hasher = VectorHasher(columnCount: 1)
        for column in columns {
            let buffer = Buffer(byteCount: max(column.count, 1) * 8)
            let hashes = buffer.pointer.assumingMemoryBound(to: UInt64.self)
            hasher.hash([column], Rows(count: column.count), into: hashes)
            let validity = column.view.validity
            for row in 0..<column.count where Validity.isValid(validity, row) { bloom.add(hashes[row]) }
        }
        return bloom
    }

    private static func domain(_ type: DataType, _ low: Int64, _ high: Int64) -> Domain {
        if type == .boolean || type == .unknown { return .notNull }
        return Domain(
            ranges: [
                Domain.ValueRange(
                    low: Domain.Bound(.int(low), isInclusive: true), high: Domain.Bound(.int(high), isInclusive: true))
            ], allowsNull: false)
    }
}

/// Which values may have a match.
enum JoinKeyTest: Sendable {
    case everything
    case nothing
    /// From a least value on, up to this much more.
    case range(Int64, UInt64)
    /// The same, and the value's bit is set.
    case bits(Int64, UInt64, Buffer)
    case bloom(BlockedBloom)
}

/// Applies a key filter to vectors of one reader. Stops looking where nearly every row passes.
private final class JoinKeyEvaluator: ScanFilterEvaluator {
    private let test: JoinKeyTest
    private let hasher = VectorHasher(columnCount: 1)
    private var seen = 0
    private var passed = 0

    init(_ test: JoinKeyTest) { self.test = test }

    /// Rows after which a filter is judged, and the share in sixteenths above which it is given up.
    private static let trialRows = 32 << 10
    private static let uselessShare = 15

    func select(_ vectors: [Vector], _ rows: Rows) throws -> Selection {
        let column = vectors[0]
        let count = rows.selectedCount
        let buffer = Buffer(byteCount: count * 4 + 4)
        let target = buffer.pointer.assumingMemoryBound(to: UInt32.self)
        let isUseless = seen >= Self.trialRows && passed &* 16 > seen &* Self.uselessShare
        var made = 0
        if isUseless {
            if let selection = rows.selection { return selection }
            for row in 0..<count { target[row] = UInt32(truncatingIfNeeded: row) }
            return Selection(buffer, count: count)
        }
        switch test {
        case .nothing: break
        case .everything:
            if let selection = rows.selection { return selection }
            for row in 0..<count { target[row] = UInt32(truncatingIfNeeded: row) }
            made = count
        case .range(let low, let span):
            made = IntegerLanes.select(column, rows, target) {
                UInt64(bitPattern: $0) &- UInt64(bitPattern: low) <= span
            }
        case .bits(let low, let span, let bits):
            let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
            made = IntegerLanes.select(column, rows, target) { value in
                let code = UInt64(bitPattern: value) &- UInt64(bitPattern: low)
                // Out of range: look at the first word, and say no.
                let isIn = code <= span
                let safe = isIn ? code : 0
                let bit = (words[Int(truncatingIfNeeded: safe &>> 6)] &>> (safe & 63)) & 1
                return (bit & UInt64(unsafeBitCast(isIn, to: UInt8.self))) != 0
            }
        case .bloom(let bloom):
            let hashesBuffer = Buffer(byteCount: max(rows.count, 1) * 8)
            let hashes = hashesBuffer.pointer.assumingMemoryBound(to: UInt64.self)
            hasher.hash([column], rows, into: hashes)
            let validity = column.view.validity
            rows.forEach { row in
                target[made] = UInt32(truncatingIfNeeded: row)
                let isIn = Validity.isValid(validity, row) && bloom.mayContain(hashes[row])
                made &+= Int(unsafeBitCast(isIn, to: UInt8.self))
            }
        }
        seen &+= count
        passed &+= made
        return Selection(buffer, count: made)
    }
}

/// Values of integer-like columns of any width as Int64.
enum IntegerLanes {
    /// Writes the wanted rows that are valid and pass `test`, and returns how many.
    @inline(__always)
    static func select(
        _ column: Vector, _ rows: Rows, _ target: UnsafeMutablePointer<UInt32>, _ test: (Int64) -> Bool
    ) -> Int {
        switch column.physical {
        case .boolean: select(column.view, rows, target, UInt8.self, { Int64($0) }, test)
        case .int8: select(column.view, rows, target, Int8.self, { Int64($0) }, test)
        case .int16: select(column.view, rows, target, Int16.self, { Int64($0) }, test)
        case .int32: select(column.view, rows, target, Int32.self, { Int64($0) }, test)
        default: select(column.view, rows, target, Int64.self, { $0 }, test)
        }
    }

    @inline(__always)
    private static func select<T>(
        _ view: VectorView, _ rows: Rows, _ target: UnsafeMutablePointer<UInt32>, _: T.Type, _ widen: (T) -> Int64,
        _ test: (Int64) -> Bool
    ) -> Int {
        let data = view.data.assumingMemoryBound(to: T.self)
        var made = 0
        if rows.selection == nil, view.codes == nil, view.validity == nil {
            for row in 0..<rows.count {
                target[made] = UInt32(truncatingIfNeeded: row)
                made &+= Int(unsafeBitCast(test(widen(data[row])), to: UInt8.self))
            }
            return made
        }
        rows.forEach { row in
            target[made] = UInt32(truncatingIfNeeded: row)
            let isIn = view.isValid(row) && test(widen(data[view.index(row)]))
            made &+= Int(unsafeBitCast(isIn, to: UInt8.self))
        }
        return made
    }

    /// Calls `body` with the valid wanted rows and their values.
    @inline(__always)
    static func forEach(_ column: Vector, _ rows: Rows, _ body: (Int, Int64) -> Void) {
        switch column.physical {
        case .boolean: forEach(column.view, rows, UInt8.self, { Int64($0) }, body)
        case .int8: forEach(column.view, rows, Int8.self, { Int64($0) }, body)
        case .int16: forEach(column.view, rows, Int16.self, { Int64($0) }, body)
        case .int32: forEach(column.view, rows, Int32.self, { Int64($0) }, body)
        default: forEach(column.view, rows, Int64.self, { $0 }, body)
        }
    }

    @inline(__always)
    private static func forEach<T>(
        _ view: VectorView, _ rows: Rows, _: T.Type, _ widen: (T) -> Int64, _ body: (Int, Int64) -> Void
    ) {
        let data = view.data.assumingMemoryBound(to: T.self)
        rows.forEach { row in if view.isValid(row) { body(row, widen(data[view.index(row)])) } }
    }
}
