import SQLTypes
import Testing

@Suite("Implicit coercions")
struct TypeCoercionTests {
    @Test(
        "Common types",
        arguments: [
            (DataType.integer, DataType.bigint, DataType.bigint),
            (.integer, .decimal(precision: 5, scale: 2), .decimal(precision: 12, scale: 2)),
            (.bigint, .decimal(precision: 38, scale: 10), .decimal(precision: 38, scale: 10)),
            (.decimal(precision: 10, scale: 2), .double, .double),
            (.decimal(precision: 10, scale: 2), .real, .real),
            (.varchar(length: 3), .varchar(length: 5), .varchar(length: 5)),
            (.varchar(length: 3), .varcharUnbounded, .varcharUnbounded),
            (.date, .timestamp(precision: 3), .timestamp(precision: 3)),
            (.timestamp(precision: 6), .timestampWithTimeZone(precision: 3), .timestampWithTimeZone(precision: 6)),
            (.unknown, .json, .json), (.array(.integer), .array(.double), .array(.double)),
        ])
    func common(left: DataType, right: DataType, expected: DataType) {
        #expect(TypeCoercion.commonSuperType(left, right) == expected)
        #expect(TypeCoercion.commonSuperType(right, left) == expected)
    }

    @Test("No coercion between text and numbers or dates")
    func none() {
        #expect(!TypeCoercion.canCoerce(.varcharUnbounded, to: .bigint))
        #expect(!TypeCoercion.canCoerce(.bigint, to: .varcharUnbounded))
        #expect(!TypeCoercion.canCoerce(.varcharUnbounded, to: .date))
        #expect(!TypeCoercion.canCoerce(.double, to: .real))
        #expect(!TypeCoercion.canCoerce(.bigint, to: .decimal(precision: 10, scale: 0)))
        #expect(TypeCoercion.canCoerce(.char(length: 3), to: .varcharUnbounded))
        #expect(TypeCoercion.commonSuperType(.boolean, .integer) == nil)
    }
}
