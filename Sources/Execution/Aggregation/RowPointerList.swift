import Columnar

/// A growing list of addresses of table rows.
final class RowPointerList {
    typealias Row = UnsafeMutableRawPointer

    private var buffer: Buffer
    private var capacity: Int
    private(set) var pointers: UnsafeMutablePointer<Row>
    var count = 0

    init(capacity: Int = 1024) {
        self.capacity = max(capacity, 16)
        buffer = Buffer(byteCount: self.capacity * 8)
        pointers = buffer.pointer.assumingMemoryBound(to: Row.self)
    }

    /// Where the next row goes, after `reserve`.
    var end: UnsafeMutablePointer<Row> { pointers + count }
    var byteCount: Int { capacity * 8 }

    func reserve(_ more: Int) {
        if count + more <= capacity { return }
        let wanted = max(capacity * 2, count + more)
        let made = Buffer(byteCount: wanted * 8)
        let target = made.pointer.assumingMemoryBound(to: Row.self)
        target.update(from: pointers, count: count)
        buffer = made
        pointers = target
        capacity = wanted
    }

    func append(_ rows: UnsafePointer<Row>, _ added: Int) {
        reserve(added)
        end.update(from: rows, count: added)
        count += added
    }
}
