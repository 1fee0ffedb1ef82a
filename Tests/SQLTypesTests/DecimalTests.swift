import SQLTypes
import Testing

@Suite("Decimals")
struct DecimalTests {
    @Test("The nearest double of an integer is the standard library's")
    func nearestDouble() {
        var values: [Int128] = [0, 1, -1, 1 << 53, (1 << 53) + 1, (1 << 63) + 1025, (1 << 64) - 1, .max, .min]
        for shift in 40..<126 {
            let power: Int128 = 1 << Int128(shift)
            values += [power, power + 1, power - 1, -power - 1, power + (power >> 53), power + (power >> 53) + 1]
            values += [power + (power >> 54), power / 5 * 7, -(power / 3)]
        }
        for value in values { #expect(Decimal.nearestDouble(value) == Double(value), "\(value)") }
    }

    @Test("Division rounds half away from zero, also through 256 bits")
    func division() {
        #expect(Decimal.divide(10, 4, shiftedBy: 0) == 3)
        #expect(Decimal.divide(-10, 4, shiftedBy: 0) == -3)
        #expect(Decimal.divide(1, 3, shiftedBy: 10) == 3_333_333_333)
        #expect(Decimal.divide(2, -3, shiftedBy: 1) == -7)
        let big = Decimal.power(37)
        #expect(Decimal.divide(big, big, shiftedBy: 20) == Decimal.power(20))
        #expect(Decimal.divide(big, 1, shiftedBy: 2) == nil)
        #expect(Decimal.divide(big * 7, big, shiftedBy: 37) == 7 * big)
    }

    @Test("Rescaling rounds half away from zero and sees overflow")
    func rescale() {
        #expect(Decimal.rescale(125, from: 2, to: 1) == 13)
        #expect(Decimal.rescale(-125, from: 2, to: 1) == -13)
        #expect(Decimal.rescale(124, from: 2, to: 1) == 12)
        #expect(Decimal.rescale(1, from: 0, to: 38) == nil)
        #expect(Decimal.rescale(Decimal.power(38) - 1, from: 38, to: 0) == 1)
    }

    @Test("Remainders at different scales")
    func modulus() {
        #expect(Decimal.modulus(75, 1, 2, 0) == 15)
        #expect(Decimal.modulus(-75, 1, 2, 0) == -15)
        #expect(Decimal.modulus(Decimal.power(37), 0, 3, 10) == 1)
    }

    @Test(
        "Literals have the digits as written",
        arguments: [
            ("1.50", 3, 2), ("0.10", 2, 2), ("007", 1, 0), (".5", 1, 1),
            ("123456789012345678901234567890.12345678", 38, 8),
            ("0", 1, 0), ("0.000", 3, 3), ("-1.5", 2, 1),
        ])
    func literals(text: String, precision: Int, scale: Int) throws {
        #expect(try Literal.decimal(text).type == .decimal(precision: precision, scale: scale))
    }

    @Test("Doubles become decimals by their shortest text")
    func doubles() {
        #expect(Decimal.fromDouble(1.005, precision: 5, scale: 2) == 101)
        #expect(Decimal.fromDouble(0.1, precision: 38, scale: 20) == 10_000_000_000_000_000_000)
        #expect(Decimal.fromDouble(1e10, precision: 5, scale: 2) == nil)
        #expect(Decimal.double(12345, scale: 2) == 123.45)
        #expect(Decimal.double(Decimal.power(30), scale: 30) == 1)
    }

    @Test(
        "Numbers from text",
        arguments: [
            ("1", 1.0), ("-1.5", -1.5), ("1e3", 1000), ("1E-2", 0.01), (".5", 0.5), ("5.", 5), ("1e400", .infinity),
            ("123456789012345678901234567890", 123456789012345678901234567890.0), ("0.1", 0.1),
            ("9007199254740993", 9007199254740992),
            ("2.2250738585072011e-308", 2.2250738585072011e-308),
        ])
    func numbers(text: String, value: Double) {
        var copy = text
        #expect(copy.withUTF8 { NumberText.parseDouble($0) } == value)
    }
}
