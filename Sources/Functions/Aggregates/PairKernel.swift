import Columnar
import SQLTypes

/// Sums of a pair of doubles: what covariance, correlation and linear regression need. `y` is the first argument.
struct PairMoments {
    var count: Double
    var meanX: Double
    var meanY: Double
    var m2X: Double
    var m2Y: Double
    var xy: Double
}

/// covar_pop, covar_samp, corr, regr_slope, regr_intercept and their family: rows where an argument is NULL are left
/// out.
final class PairKernel: AggregateKernel {
    typealias Pointer = UnsafeMutableRawPointer
    typealias Result = @Sendable (PairMoments) -> Double?

    var stateOffset = 0
    let stateByteCount = MemoryLayout<PairMoments>.stride
    private let resultType: DataType
    private let result: Result

    init(_ resultType: DataType, _ result: @escaping Result) {
        self.resultType = resultType
        self.result = result
    }

    @inline(__always)
    private static func add(_ state: UnsafeMutablePointer<PairMoments>, y: Double, x: Double) {
        let n = state.pointee.count + 1
        let deltaX = x - state.pointee.meanX
        let deltaY = y - state.pointee.meanY
        state.pointee.count = n
        state.pointee.meanX += deltaX / n
        state.pointee.meanY += deltaY / n
        state.pointee.xy += deltaX * (y - state.pointee.meanY)
        state.pointee.m2X += deltaX * (x - state.pointee.meanX)
        state.pointee.m2Y += deltaY * (y - state.pointee.meanY)
    }

    @inline(__always)
    private func value(_ view: VectorView, _ row: Int, _ isReal: Bool) -> Double {
        isReal ? Double(view.load(row, as: Float.self)) : view.load(row, as: Double.self)
    }

    func update(_ states: UnsafePointer<Pointer>, _ arguments: [Vector], _ rows: Rows) throws {
        let first = arguments[0].view
        let second = arguments[1].view
        let isReal = arguments[0].physical == .float
        let offset = stateOffset
        var position = 0
        rows.forEach { row in
            let state = (states[position] + offset).assumingMemoryBound(to: PairMoments.self)
            position &+= 1
            guard second.isValid(row) else { return }
            Self.add(state, y: value(first, row, isReal), x: value(second, row, isReal))
        }
    }

    func updateOne(_ state: Pointer, _ arguments: [Vector], _ rows: Rows) throws {
        let first = arguments[0].view
        let second = arguments[1].view
        let isReal = arguments[0].physical == .float
        let state = (state + stateOffset).assumingMemoryBound(to: PairMoments.self)
        rows.forEach { row in
            guard second.isValid(row) else { return }
            Self.add(state, y: value(first, row, isReal), x: value(second, row, isReal))
        }
    }

    func combine(_ targets: UnsafePointer<Pointer>, _ sources: UnsafePointer<Pointer>, count: Int) throws {
        for index in 0..<count {
            let target = (targets[index] + stateOffset).assumingMemoryBound(to: PairMoments.self)
            let a = target.pointee
            let b = (sources[index] + stateOffset).assumingMemoryBound(to: PairMoments.self).pointee
            if b.count == 0 { continue }
            if a.count == 0 {
                target.pointee = b
                continue
            }
            let n = a.count + b.count
            let deltaX = b.meanX - a.meanX
            let deltaY = b.meanY - a.meanY
            let weight = a.count * b.count / n
            target.pointee = PairMoments(
                count: n, meanX: a.meanX + deltaX * b.count / n, meanY: a.meanY + deltaY * b.count / n,
                m2X: a.m2X + b.m2X + deltaX * deltaX * weight, m2Y: a.m2Y + b.m2Y + deltaY * deltaY * weight,
                xy: a.xy + b.xy + deltaX * deltaY * weight)
        }
    }

    func finalize(_ states: UnsafePointer<Pointer>, count: Int) throws -> Vector {
        let builder = FlatBuilder(resultType, capacity: count)
        for index in 0..<count {
            let state = (states[index] + stateOffset).assumingMemoryBound(to: PairMoments.self).pointee
            guard let value = result(state) else {
                builder.setNull(index)
                continue
            }
            if resultType == .real {
                builder.pointer(as: Float.self)[index] = Float(value)
            } else {
                builder.pointer(as: Double.self)[index] = value
            }
        }
        return builder.finish(count: count)
    }
}
