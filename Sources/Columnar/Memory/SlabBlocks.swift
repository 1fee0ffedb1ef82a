/// Blocks that are cut into slabs of one size class each. A block whose slabs are all free goes back to the arena,
/// for any class or for a run. Not safe for use by several threads.
struct SlabBlocks {
    private struct Block {
        var free = FreeSlabs()
        /// Whether `open` of the block's class lists it.
        var isOpen = false
    }

    /// By address.
    private var blocks: [UInt: Block] = [:]
    /// Blocks with free slabs, by class; also some that have none left or went back, which `take` drops.
    private var open = [[UInt]](repeating: [], count: BufferPool.classCount)

    mutating func take(_ index: Int, from arena: inout BlockArena) -> UnsafeMutableRawPointer {
        while let address = open[index].last {
            if let slab = blocks[address]?.free.pop() { return slab }
            blocks[address]?.isOpen = false
            open[index].removeLast()
        }
        guard let start = arena.take(BlockArena.blockByteCount) else { BufferPool.outOfMemory() }
        var block = Block()
        let slabByteCount = BufferPool.smallestSlab << index
        var offset = BlockArena.blockByteCount
        while offset > 0 {
            offset &-= slabByteCount
            block.free.push(start + offset)
        }
        guard let slab = block.free.pop() else { BufferPool.outOfMemory() }
        block.isOpen = true
        blocks[UInt(bitPattern: start)] = block
        open[index].append(UInt(bitPattern: start))
        return slab
    }

    mutating func give(_ slab: UnsafeMutableRawPointer, _ index: Int, to arena: inout BlockArena) {
        let address = UInt(bitPattern: slab) & ~UInt(BlockArena.blockByteCount &- 1)
        guard var block = blocks[address] else { return }
        block.free.push(slab)
        if block.free.count == BlockArena.blockByteCount / (BufferPool.smallestSlab << index) {
            blocks[address] = nil
            if block.isOpen { open[index].removeAll { $0 == address } }
            arena.give(address, BlockArena.blockByteCount)
            return
        }
        if !block.isOpen {
            block.isOpen = true
            open[index].append(address)
        }
        blocks[address] = block
    }
}
