import Columnar
import SQLTypes

/// Functions without arguments that are not constants of mathematics: `uuid`, `version`.
enum SystemFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "uuid", "() -> uuid", summary: "A random UUID (version 4)", isDeterministic: false,
            examples: [FunctionExample("typeof(uuid())", "uuid"), FunctionExample("uuid() = uuid()", "false")]
        ) { _ in
            { call in
                let builder = FlatBuilder(.uuid, capacity: call.rows.count)
                let out = builder.pointer(as: UInt128.self)
                var generator = SystemRandomNumberGenerator()
                for row in 0..<call.rows.count {
                    let high = generator.next() & ~0xf000 | 0x4000
                    let low = generator.next() & ~(0b11 << 62) | 0b10 << 62
                    out[row] = UInt128(high) << 64 | UInt128(low)
                }
                return builder.finish(count: call.rows.count)
            }
        },
        ScalarFunction(
            "version", "() -> varchar", summary: "Name of the engine",
            examples: [FunctionExample("version()", "athena-lite")]
        ) { signature in
            { call in Vector.constant(.string("athena-lite"), signature.result, count: call.rows.count) }
        },
    ]
}
