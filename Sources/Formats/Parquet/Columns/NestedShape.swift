import Columnar
import SQLTypes

/// How a requested column is put together from leaves of the file: the table's type laid over the file's schema.
indirect enum NestedShape: Sendable {
    /// `leaf` is a position in the plan's leaves.
    case leaf(Int, type: DataType, full: Int)
    /// A list or map value exists from `present` on, an element from `element` on; elements repeat at `repeats`.
    case list(type: DataType, present: Int, element: Int, repeats: Int, donor: Int, child: NestedShape)
    case map(type: DataType, present: Int, element: Int, repeats: Int, donor: Int, key: NestedShape, value: NestedShape)
    case row(type: DataType, present: Int, donor: Int, fields: [NestedShape])
    /// NULL everywhere; as many lanes as the context has, counted on the donor's levels.
    case missing(type: DataType, donor: Int)

    var type: DataType {
        switch self {
        case .leaf(_, let type, _), .list(let type, _, _, _, _, _), .map(let type, _, _, _, _, _, _),
            .row(let type, _, _, _), .missing(let type, _):
            type
        }
    }
}

/// Where a list context begins: entries with a repetition level above `repeats` or a definition level below
/// `defined` are not slots of it.
struct SlotContext {
    var repeats = 0
    var defined = 0
}

/// Levels and values of one leaf for some rows.
struct LeafRun {
    var definitions: [UInt8]
    /// Empty when the leaf does not repeat.
    var repetitions: [UInt8]
    /// One value for each full definition level; nil for leaves that only give levels.
    var values: Vector?
}

/// Builds vectors from leaf runs (the record assembly of Dremel, a column at a time).
struct NestedAssembler {
    let runs: [LeafRun]

    func assemble(_ shape: NestedShape, _ context: SlotContext) -> Vector {
        switch shape {
        case .leaf(let leaf, let type, let full): return leafVector(runs[leaf], type, full, context)
        case .list(let type, let present, let element, let repeats, let donor, let child):
            let (entries, bits, count) = lists(runs[donor], present, element, repeats, context)
            let inner = SlotContext(repeats: repeats, defined: element)
            return Self.listVector(type, entries, bits, count, [assemble(child, inner)])
        case .map(let type, let present, let element, let repeats, let donor, let key, let value):
            let (entries, bits, count) = lists(runs[donor], present, element, repeats, context)
            let inner = SlotContext(repeats: repeats, defined: element)
            return Self.listVector(type, entries, bits, count, [assemble(key, inner), assemble(value, inner)])
        case .row(let type, let present, let donor, let fields):
            let (bits, count) = presence(runs[donor], present, context)
            let children = fields.map { assemble($0, context) }
            let words = bits.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self)) }
            return Vector(rowOf: children, type: type, count: count, validity: words, owners: bits.map { [$0] } ?? [])
        case .missing(let type, let donor):
            return Vector.nulls(type, count: presence(runs[donor], 0, context).count)
        }
    }

    /// Calls `body` with the definition level of each slot.
    @inline(__always)
    private func eachSlot(_ run: LeafRun, _ context: SlotContext, _ body: (Int) -> Void) {
        run.definitions.withUnsafeBufferPointer { definitions in
            if run.repetitions.isEmpty {
                for entry in definitions.indices where Int(definitions[entry]) >= context.defined {
                    body(Int(definitions[entry]))
                }
                return
            }
            run.repetitions.withUnsafeBufferPointer { repetitions in
                for entry in definitions.indices
                where Int(repetitions[entry]) <= context.repeats && Int(definitions[entry]) >= context.defined {
                    body(Int(definitions[entry]))
                }
            }
        }
    }

    /// Which slots hold a value that is there from level `present` on; nil when all do.
    private func presence(_ run: LeafRun, _ present: Int, _ context: SlotContext) -> (bits: Buffer?, count: Int) {
        let bits = Validity.makeBits(run.definitions.count, valid: true)
        let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
        var count = 0
        var nulls = 0
        eachSlot(run, context) { level in
            if level < present {
                Validity.setNull(words, count)
                nulls += 1
            }
            count += 1
        }
        return (nulls > 0 ? bits : nil, count)
    }

    private func leafVector(_ run: LeafRun, _ type: DataType, _ full: Int, _ context: SlotContext) -> Vector {
        guard let values = run.values else { return Vector.nulls(type, count: presence(run, 0, context).count) }
        let (bits, count) = presence(run, full, context)
        guard let bits else { return values }
        return Spreading.spread(values, over: count, bits)
    }

    private func lists(
        _ run: LeafRun, _ present: Int, _ element: Int, _ repeats: Int, _ context: SlotContext
    ) -> (entries: Buffer, bits: Buffer?, count: Int) {
        let entryCount = run.definitions.count
        let buffer = Buffer(byteCount: max(entryCount, 1) * 8)
        let entries = buffer.pointer.assumingMemoryBound(to: ListEntry.self)
        let bits = Validity.makeBits(entryCount, valid: true)
        let words = bits.pointer.assumingMemoryBound(to: UInt64.self)
        var slots = 0
        var nulls = 0
        var elements: UInt32 = 0
        run.definitions.withUnsafeBufferPointer { definitions in
            run.repetitions.withUnsafeBufferPointer { repetitions in
                for entry in 0..<entryCount {
                    let definition = Int(definitions[entry])
                    if definition < context.defined { continue }
                    let repetition = repetitions.isEmpty ? 0 : Int(repetitions[entry])
                    if repetition <= context.repeats {
                        entries[slots] = ListEntry(offset: elements, count: 0)
                        if definition < present {
                            Validity.setNull(words, slots)
                            nulls &+= 1
                        }
                        slots &+= 1
                    }
                    if repetition <= repeats, definition >= element, slots > 0 {
                        entries[slots &- 1].count &+= 1
                        elements &+= 1
                    }
                }
            }
        }
        return (buffer, nulls > 0 ? bits : nil, slots)
    }

    private static func listVector(
        _ type: DataType, _ entries: Buffer, _ bits: Buffer?, _ count: Int, _ children: [Vector]
    ) -> Vector {
        if let bits {
            // Null lanes hold zero.
            let words = UnsafePointer(bits.pointer.assumingMemoryBound(to: UInt64.self))
            let list = entries.pointer.assumingMemoryBound(to: ListEntry.self)
            for row in 0..<count where !Validity.isValid(words, row) { list[row] = ListEntry(offset: 0, count: 0) }
        }
        return Vector(
            type: type, count: count, values: UnsafeRawPointer(entries.pointer),
            validity: bits.map { UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self)) }, children: children,
            owners: bits.map { [entries, $0] } ?? [entries])
    }
}
