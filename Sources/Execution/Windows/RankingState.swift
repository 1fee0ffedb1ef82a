import Columnar
import Functions
import SQLTypes

/// row_number, rank, dense_rank, percent_rank, cume_dist and ntile: functions of borders alone.
final class RankingState: WindowCallState {
    private let bucket: WindowBucket
    private let kind: WindowFunction.Kind
    private let type: DataType
    /// ntile's argument by position.
    private var tiles: (UnsafePointer<Int64>, UnsafePointer<UInt8>, Buffer)?
    /// dense_rank at the last position that was asked for.
    private var dense: Int64 = 0

    init(_ bucket: WindowBucket, _ call: WindowSpecification.Call, _ kind: WindowFunction.Kind) throws {
        self.bucket = bucket
        self.kind = kind
        type = call.signature.result
        if case .ntile = kind, let argument = call.arguments.first { tiles = bucket.integers(argument) }
    }

    func results(from start: Int, count: Int) throws -> Vector {
        let builder = FlatBuilder(type, capacity: count)
        let partitionStart = bucket.partitionStart
        let partitionEnd = bucket.partitionEnd
        let integers = builder.pointer(as: Int64.self)
        let doubles = builder.pointer(as: Double.self)
        switch kind {
        case .rowNumber:
            for index in 0..<count {
                let position = start &+ index
                integers[index] = Int64(position &- Int(partitionStart[position]) &+ 1)
            }
        case .rank:
            let peers = bucket.peerBorders.start
            for index in 0..<count {
                let position = start &+ index
                integers[index] = Int64(peers[position]) &- Int64(partitionStart[position]) &+ 1
            }
        case .denseRank:
            let peers = bucket.peerBorders.start
            for index in 0..<count {
                let position = start &+ index
                if Int(partitionStart[position]) == position {
                    dense = 1
                } else if Int(peers[position]) == position {
                    dense &+= 1
                }
                integers[index] = dense
            }
        case .percentRank:
            let peers = bucket.peerBorders.start
            for index in 0..<count {
                let position = start &+ index
                let size = Double(partitionEnd[position] &- partitionStart[position])
                doubles[index] = size <= 1 ? 0 : Double(peers[position] &- partitionStart[position]) / (size - 1)
            }
        case .cumeDist:
            let peers = bucket.peerBorders.end
            for index in 0..<count {
                let position = start &+ index
                let size = Double(partitionEnd[position] &- partitionStart[position])
                doubles[index] = Double(peers[position] &- partitionStart[position]) / size
            }
        case .ntile:
            guard let tiles else { break }
            for index in 0..<count {
                let position = start &+ index
                guard tiles.1[position] != 0 else {
                    builder.setNull(index)
                    continue
                }
                let tileCount = tiles.0[position]
                guard tileCount > 0 else {
                    throw QueryError(.invalidFunctionArgument, "Buckets must be greater than 0")
                }
                let size = Int64(partitionEnd[position] &- partitionStart[position])
                let row = Int64(position) &- Int64(partitionStart[position])
                integers[index] = Self.tile(row, of: size, tileCount) + 1
            }
        case .firstValue, .lastValue, .nthValue, .lag, .lead: break
        }
        return builder.finish(count: count)
    }

    /// The first `size % tileCount` tiles have one row more than the others.
    private static func tile(_ row: Int64, of size: Int64, _ tileCount: Int64) -> Int64 {
        if size < tileCount { return row }
        let small = size / tileCount
        let larger = size % tileCount
        if row < (small + 1) * larger { return row / (small + 1) }
        return (row - larger) / small
    }
}
