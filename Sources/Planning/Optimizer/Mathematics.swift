import Glibc

/// The C library's functions that estimates need.
enum Mathematics {
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    static func logarithm2(_ value: Double) -> Double { log2(value) }
}
