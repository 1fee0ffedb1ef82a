import Columnar
import SQLTypes

/// Makes one vector per column out of many batches, on several workers.
///
/// The result is flat, or keeps its dictionary when all batches share one. String bytes stay where they are and are
/// kept alive.
struct ColumnAssembler {
    let batches: [Batch]
    /// Where each batch's rows begin.
    let offsets: [Int]
    let total: Int
    let context: ExecutionContext

    /// - Parameter batches: without selections.
    init(_ batches: [Batch], context: ExecutionContext) {
        self.batches = batches
        self.context = context
        var offsets: [Int] = []
        var total = 0
        for batch in batches {
            offsets.append(total)
            total += batch.rowCount
        }
        self.offsets = offsets
        self.total = total
    }

    private static let batchesPerTask = 32

    func assemble(_ columns: [(position: Int, type: DataType)]) throws -> [Vector] {
        let slots = WorkerSlots<Vector>(columns.count)
        let self_ = Shared(self)
        // Columns that are copied piece by piece come first in the list of tasks.
        var plans: [(column: Int, work: ColumnWork)] = []
        for (index, column) in columns.enumerated() {
            if let work = ColumnWork(self, column.position, column.type) {
                plans.append((index, work))
            } else {
                slots[index] = whole(column.position, column.type)
            }
        }
        let pieces = (batches.count + Self.batchesPerTask - 1) / Self.batchesPerTask
        let works = plans.map(\.work)
        let workers = total < 16 << 10 ? 1 : context.settings.threads
        try context.pool.forEach(works.count * pieces, workers: workers) { item, _ in
            let work = works[item / pieces]
            let piece = item % pieces
            let assembler = self_.value
            let range =
                piece * Self.batchesPerTask..<min((piece + 1) * Self.batchesPerTask, assembler.batches.count)
            work.copy(assembler, range)
        }
        for plan in plans { slots[plan.column] = plan.work.finish(self) }
        return columns.indices.compactMap { slots[$0] }
    }

    private struct Shared: @unchecked Sendable {
        let value: ColumnAssembler
        init(_ value: ColumnAssembler) { self.value = value }
    }

    /// Columns that need no or no simple copy: one batch, no rows, nested types.
    private func whole(_ position: Int, _ type: DataType) -> Vector {
        if batches.isEmpty { return FlatBuilder(type, capacity: 0).finishEmpty() }
        if batches.count == 1 {
            let column = batches[0].columns[position]
            return column.isConstant ? column.flattened() : column
        }
        return Vector.concatenate(batches.map { $0.columns[position] }, type: type)
    }

    /// One column on its way into one buffer.
    ///
    /// `@unchecked Sendable`: workers write disjoint runs of `target`.
    private final class ColumnWork: @unchecked Sendable {
        let position: Int
        let type: DataType
        let width: Int
        let target: Buffer
        /// All batches share it: the target holds codes.
        let dictionary: Vector?
        let hasNulls: Bool

        /// Nil for columns that `whole` makes.
        init?(_ assembler: ColumnAssembler, _ position: Int, _ type: DataType) {
            let batches = assembler.batches
            if batches.count <= 1 { return nil }
            switch type.physical {
            case .list, .map, .row: return nil
            default: break
            }
            self.position = position
            self.type = type
            var shared = batches[0].columns[position].dictionary
            if let first = shared, batches.contains(where: { $0.columns[position].dictionary !== first }) {
                shared = nil
            }
            dictionary = shared
            hasNulls = batches.contains { $0.columns[position].mayHaveNulls }
            width = shared == nil ? type.physical.byteCount : 4
            target = Buffer(byteCount: max(assembler.total * width, 1))
        }

        func copy(_ assembler: ColumnAssembler, _ range: Range<Int>) {
            for index in range {
                let vector = assembler.batches[index].columns[position]
                let place = target.pointer + assembler.offsets[index] * width
                if dictionary != nil {
                    if let codes = vector.codes { place.copyMemory(from: codes, byteCount: vector.count * 4) }
                } else if vector.isFlat {
                    place.copyMemory(from: vector.values, byteCount: vector.count * width)
                } else {
                    let view = vector.view
                    switch width {
                    case 1: Self.expand(view, place, UInt8.self)
                    case 2: Self.expand(view, place, UInt16.self)
                    case 4: Self.expand(view, place, UInt32.self)
                    case 8: Self.expand(view, place, UInt64.self)
                    default: Self.expand(view, place, StringView.self)
                    }
                }
            }
        }

        @inline(__always)
        private static func expand<T>(_ view: VectorView, _ place: UnsafeMutableRawPointer, _: T.Type) {
            let source = view.data.assumingMemoryBound(to: T.self)
            let target = place.assumingMemoryBound(to: T.self)
            for row in 0..<view.count { target[row] = source[view.index(row)] }
        }

        func finish(_ assembler: ColumnAssembler) -> Vector {
            var owners: [AnyObject] = [target]
            var validity: UnsafePointer<UInt64>?
            if hasNulls {
                let bits = Validity.makeBits(assembler.total, valid: true)
                let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
                for (index, batch) in assembler.batches.enumerated() {
                    guard let source = batch.columns[position].view.validity else { continue }
                    let offset = assembler.offsets[index]
                    for row in 0..<batch.rowCount where !Validity.isValid(source, row) {
                        Validity.setNull(words, offset + row)
                    }
                }
                owners.append(bits)
                validity = UnsafePointer(words)
            }
            if let dictionary {
                return Vector(
                    dictionary: dictionary, codes: target.pointer.assumingMemoryBound(to: UInt32.self),
                    count: assembler.total, validity: validity, owners: owners)
            }
            if type.physical == .string {
                var seen: Set<ObjectIdentifier> = []
                for batch in assembler.batches {
                    let vector = batch.columns[position]
                    for owner in (vector.dictionary ?? vector).owners
                    where seen.insert(ObjectIdentifier(owner)).inserted {
                        owners.append(owner)
                    }
                }
            }
            return Vector(
                type: type, count: assembler.total, values: UnsafeRawPointer(target.pointer), validity: validity,
                owners: owners)
        }
    }
}

extension FlatBuilder {
    /// A vector of no rows, with children of no rows.
    func finishEmpty() -> Vector { Vector.fromValues([], type) }
}
