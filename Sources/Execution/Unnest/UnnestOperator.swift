import Columnar
import SQLTypes

/// UNNEST: a row per element of the longest array or map; shorter ones are padded with NULL. Values are not copied:
/// element columns are positions into the arrays' elements, the others positions into the batch.
final class UnnestOperator: TransformOperator {
    let name = "Unnest"

    /// What comes out of one array or map.
    struct Item: Sendable {
        /// Column of the input.
        var input: Int
        /// Which of its outputs are wanted: key and value of a map, the element, or fields of row elements.
        var parts: [Part]
    }

    enum Part: Sendable {
        case element(DataType)
        case key(DataType)
        case value(DataType)
        case field(Int, DataType)

        var type: DataType {
            switch self {
            case .element(let type), .key(let type), .value(let type), .field(_, let type): type
            }
        }
    }

    private let items: [Item]
    private let passThrough: [Int]
    private let hasOrdinality: Bool
    private let keepsEmpty: Bool

    init(items: [Item], passThrough: [Int], hasOrdinality: Bool, keepsEmpty: Bool) {
        self.items = items
        self.passThrough = passThrough
        self.hasOrdinality = hasOrdinality
        self.keepsEmpty = keepsEmpty
    }

    func makeLocal(_ worker: WorkerContext, downstream: any LocalConsumer) throws -> any LocalConsumer {
        Local(self, downstream, worker.context)
    }

    /// An array or map of one batch.
    private struct Lists {
        let view: VectorView
        let children: [Vector]

        init(_ vector: Vector) {
            view = vector.view
            children = (vector.dictionary ?? vector).children.map { child in
                // Fields are taken from row vectors that have them as children.
                child.physical == .row ? child.flattened() : child
            }
        }

        func entry(_ row: Int) -> ListEntry {
            view.isValid(row) ? view.load(row, as: ListEntry.self) : ListEntry(offset: 0, count: 0)
        }
    }

    private final class Local: LocalConsumer {
        let shared: UnnestOperator
        let downstream: any LocalConsumer
        let batchRowCount: Int
        let cancellation: Cancellation

        init(_ shared: UnnestOperator, _ downstream: any LocalConsumer, _ context: ExecutionContext) {
            self.shared = shared
            self.downstream = downstream
            batchRowCount = min(context.settings.batchRowCount, ConstantLanes.limit)
            cancellation = context.cancellation
        }

        /// One output batch on its way.
        private struct Chunk {
            let lanes: Buffer
            let elements: [Buffer]
            let missing: [Buffer]
            let ordinals: Buffer
            var count = 0
            var hasMissing: [Bool]
            /// Ordinality of rows without elements is NULL.
            var emptyRows: [Int] = []

            init(_ capacity: Int, items: Int) {
                lanes = Buffer(byteCount: capacity * 4)
                elements = (0..<items).map { _ in Buffer(byteCount: capacity * 4) }
                missing = (0..<items).map { _ in Validity.makeBits(capacity, valid: true) }
                ordinals = Buffer(byteCount: capacity * 8)
                hasMissing = [Bool](repeating: false, count: items)
            }
        }

        func push(_ batch: Batch) throws -> PushResult {
            let lists = shared.items.map { Lists(batch.columns[$0.input]) }
            var chunk = Chunk(batchRowCount, items: lists.count)
            let count = batch.selectedCount
            let selected = batch.selection?.indices
            for index in 0..<count {
                let row = selected.map { Int($0[index]) } ?? index
                var length = 0
                for list in lists { length = max(length, Int(list.entry(row).count)) }
                let isEmpty = length == 0
                if isEmpty {
                    guard shared.keepsEmpty else { continue }
                    length = 1
                }
                var done = 0
                while done < length {
                    if chunk.count == batchRowCount {
                        try cancellation.check()
                        if try emit(batch, lists, chunk) == .finished { return .finished }
                        chunk = Chunk(batchRowCount, items: lists.count)
                    }
                    let taken = min(length - done, batchRowCount - chunk.count)
                    add(row, lists, from: done, taken, isEmpty, &chunk)
                    done += taken
                }
            }
            return chunk.count == 0 ? .needsMore : try emit(batch, lists, chunk)
        }

        private func add(
            _ row: Int, _ lists: [Lists], from first: Int, _ taken: Int, _ isEmpty: Bool, _ chunk: inout Chunk
        ) {
            let place = chunk.count
            let lanes = chunk.lanes.pointer.assumingMemoryBound(to: UInt32.self) + place
            lanes.update(repeating: UInt32(truncatingIfNeeded: row), count: taken)
            if shared.hasOrdinality {
                let ordinals = chunk.ordinals.pointer.assumingMemoryBound(to: Int64.self) + place
                for index in 0..<taken { ordinals[index] = isEmpty ? 0 : Int64(first &+ index &+ 1) }
                if isEmpty { chunk.emptyRows.append(place) }
            }
            for (item, list) in lists.enumerated() {
                let entry = list.entry(row)
                let present = max(min(Int(entry.count) - first, taken), 0)
                let codes = chunk.elements[item].pointer.assumingMemoryBound(to: UInt32.self) + place
                let start = entry.offset &+ UInt32(truncatingIfNeeded: first)
                for index in 0..<present { codes[index] = start &+ UInt32(truncatingIfNeeded: index) }
                if present < taken {
                    chunk.hasMissing[item] = true
                    let bits = chunk.missing[item].pointer.assumingMemoryBound(to: UInt64.self)
                    for index in present..<taken {
                        codes[index] = 0
                        Validity.setNull(bits, place + index)
                    }
                }
            }
            chunk.count += taken
        }

        private func emit(_ batch: Batch, _ lists: [Lists], _ chunk: Chunk) throws -> PushResult {
            let lanes = UnsafePointer(chunk.lanes.pointer.assumingMemoryBound(to: UInt32.self))
            var columns = shared.passThrough.map {
                JoinColumns.pick(batch.columns[$0], lanes, count: chunk.count, owner: chunk.lanes)
            }
            for (index, item) in shared.items.enumerated() {
                let codes = UnsafePointer(chunk.elements[index].pointer.assumingMemoryBound(to: UInt32.self))
                let missing =
                    chunk.hasMissing[index]
                    ? UnsafePointer(chunk.missing[index].pointer.assumingMemoryBound(to: UInt64.self)) : nil
                for part in item.parts {
                    let source: Vector
                    switch part {
                    case .element, .key: source = lists[index].children[0]
                    case .value: source = lists[index].children[1]
                    case .field(let field, _): source = lists[index].children[0].children[field]
                    }
                    if source.count == 0 {
                        columns.append(.constant(.null, part.type, count: chunk.count))
                    } else {
                        columns.append(
                            JoinColumns.pick(
                                source, codes, count: chunk.count, owner: chunk.elements[index], missing: missing,
                                missingOwner: chunk.missing[index]))
                    }
                }
            }
            if shared.hasOrdinality {
                var owners: [AnyObject] = [chunk.ordinals]
                var validity: UnsafePointer<UInt64>?
                if !chunk.emptyRows.isEmpty {
                    let bits = Validity.makeBits(chunk.count, valid: true)
                    let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
                    for row in chunk.emptyRows { Validity.setNull(words, row) }
                    owners.append(bits)
                    validity = UnsafePointer(words)
                }
                columns.append(
                    Vector(
                        type: .bigint, count: chunk.count, values: UnsafeRawPointer(chunk.ordinals.pointer),
                        validity: validity, owners: owners))
            }
            return try downstream.push(Batch(columns: columns, rowCount: chunk.count))
        }
    }
}
