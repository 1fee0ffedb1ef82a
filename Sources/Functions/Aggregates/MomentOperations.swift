import Glibc
import SQLTypes

/// Count, mean and sums of powers of the distance from the mean, merged without loss of accuracy.
struct Moments {
    var count: Double
    var mean: Double
    var m2: Double
    var m3: Double
    var m4: Double
}

/// variance, stddev, skewness, kurtosis.
struct MomentFold: FoldOperation {
    enum Result: Sendable {
        case variancePopulation, varianceSample, deviationPopulation, deviationSample, skewness, kurtosis
    }

    let wanted: Result
    /// Third and fourth powers are needed.
    let isHigh: Bool

    init(_ wanted: Result) {
        self.wanted = wanted
        isHigh = wanted == .skewness || wanted == .kurtosis
    }

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<Moments>, _ value: Double) {
        let n1 = state.pointee.count
        let n = n1 + 1
        state.pointee.count = n
        let delta = value - state.pointee.mean
        let deltaN = delta / n
        let term = delta * deltaN * n1
        state.pointee.mean += deltaN
        if isHigh {
            let deltaN2 = deltaN * deltaN
            state.pointee.m4 +=
                term * deltaN2 * (n * n - 3 * n + 3) + 6 * deltaN2 * state.pointee.m2 - 4 * deltaN * state.pointee.m3
            state.pointee.m3 += term * deltaN * (n - 2) - 3 * deltaN * state.pointee.m2
        }
        state.pointee.m2 += term
    }

    func combine(_ state: UnsafeMutablePointer<Moments>, _ other: UnsafePointer<Moments>) {
        let a = state.pointee
        let b = other.pointee
        if b.count == 0 { return }
        if a.count == 0 {
            state.pointee = b
            return
        }
        let n = a.count + b.count
        let delta = b.mean - a.mean
        let delta2 = delta * delta
        var result = Moments(
            count: n, mean: a.mean + delta * b.count / n, m2: a.m2 + b.m2 + delta2 * a.count * b.count / n, m3: 0, m4: 0
        )
        result.m3 =
            a.m3 + b.m3 + delta * delta2 * a.count * b.count * (a.count - b.count) / (n * n)
            + 3 * delta * (a.count * b.m2 - b.count * a.m2) / n
        let squares = a.count * a.count - a.count * b.count + b.count * b.count
        result.m4 = a.m4 + b.m4
        result.m4 += delta2 * delta2 * a.count * b.count * squares / (n * n * n)
        result.m4 += 6 * delta2 * (a.count * a.count * b.m2 + b.count * b.count * a.m2) / (n * n)
        result.m4 += 4 * delta * (a.count * b.m3 - b.count * a.m3) / n
        state.pointee = result
    }

    func result(_ state: UnsafePointer<Moments>) throws -> Double? {
        let m = state.pointee
        switch wanted {
        case .variancePopulation: return m.count < 1 ? nil : m.m2 / m.count
        case .varianceSample: return m.count < 2 ? nil : m.m2 / (m.count - 1)
        case .deviationPopulation: return m.count < 1 ? nil : (m.m2 / m.count).squareRoot()
        case .deviationSample: return m.count < 2 ? nil : (m.m2 / (m.count - 1)).squareRoot()
        case .skewness: return m.count < 3 ? nil : m.count.squareRoot() * m.m3 / pow(m.m2, 1.5)
        case .kurtosis:
            if m.count < 4 { return nil }
            let n = m.count
            let variance = m.m2
            let first = (n * (n + 1)) / ((n - 1) * (n - 2) * (n - 3))
            return first * m.m4 * (n - 1) * (n - 1) / (variance * variance)
                - 3 * ((n - 1) * (n - 1)) / ((n - 2) * (n - 3))
        }
    }
}

/// geometric_mean.
struct GeometricMean: FoldOperation {
    @inline(__always)
    func add(_ state: UnsafeMutablePointer<DoubleSum>, _ value: Double) {
        state.pointee.sum += log(value)
        state.pointee.count &+= 1
    }
    func combine(_ state: UnsafeMutablePointer<DoubleSum>, _ other: UnsafePointer<DoubleSum>) {
        state.pointee.sum += other.pointee.sum
        state.pointee.count &+= other.pointee.count
    }
    func result(_ state: UnsafePointer<DoubleSum>) throws -> Double? {
        state.pointee.count == 0 ? nil : exp(state.pointee.sum / Double(state.pointee.count))
    }
}

/// entropy of counts, in bits.
struct Entropy: FoldOperation {
    struct State {
        var sum: Double
        var sumOfLogs: Double
        var isInvalid: Int64
    }

    @inline(__always)
    func add(_ state: UnsafeMutablePointer<State>, _ value: Double) {
        if value < 0 { state.pointee.isInvalid = 1 }
        if value > 0 {
            state.pointee.sum += value
            state.pointee.sumOfLogs += value * log(value)
        }
    }
    func combine(_ state: UnsafeMutablePointer<State>, _ other: UnsafePointer<State>) {
        state.pointee.sum += other.pointee.sum
        state.pointee.sumOfLogs += other.pointee.sumOfLogs
        state.pointee.isInvalid |= other.pointee.isInvalid
    }
    func result(_ state: UnsafePointer<State>) throws -> Double? {
        let state = state.pointee
        if state.isInvalid != 0 {
            throw QueryError(.invalidFunctionArgument, "Entropy count argument must be non-negative")
        }
        if state.sum == 0 { return 0 }
        return max((log(state.sum) - state.sumOfLogs / state.sum) / log(2), 0)
    }
}
