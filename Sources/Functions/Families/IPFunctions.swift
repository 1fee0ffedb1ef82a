import Columnar
import SQLTypes

/// Functions of network addresses.
enum IPFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "contains", "(varchar, ipaddress) -> boolean", summary: "Whether a network in CIDR notation has an address",
            cannotRaise: false,
            examples: [
                FunctionExample("contains('10.0.0.0/8', IPADDRESS '10.255.255.255')", "true"),
                FunctionExample("contains('10.0.0.0/8', IPADDRESS '11.0.0.0')", "false"),
                FunctionExample("contains('2001:db8::/32', IPADDRESS '2001:db8::1')", "true"),
                FunctionExample("contains('10.0.0.0/33', IPADDRESS '10.0.0.0')", "INVALID_FUNCTION_ARGUMENT"),
                FunctionExample("contains('10.0.0.0/8', NULL)", "NULL"),
            ]
        ) { _ in
            { call in
                try TextDriver.values(call, as: .boolean, UInt8.self, cannotRaise: false) { row, views in
                    let network = try parse(views[0].string(row))
                    let address = UInt128(bitPattern: views[1].load(row, as: Int128.self))
                    return address & network.mask == network.address & network.mask ? 1 : 0
                }
            }
        }
    ]

    /// `10.0.0.0/8`: addresses of version 4 lie in the last 32 of 128 bits.
    private static func parse(_ text: String) throws -> (address: UInt128, mask: UInt128) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, case .int128(let bits)? = try? ValueParser.parse(String(parts[0]), as: .ipaddress)
        else {
            throw QueryError(.invalidFunctionArgument, "Invalid CIDR: \(text)")
        }
        let isVersion6 = parts[0].utf8.contains(UInt8(ascii: ":"))
        guard let length = Int(parts[1]), (0...(isVersion6 ? 128 : 32)).contains(length) else {
            throw QueryError(.invalidFunctionArgument, "Prefix length exceeds address length")
        }
        let free = (isVersion6 ? 128 : 32) - length
        let mask = free == 128 ? 0 : UInt128.max << UInt128(free)
        return (UInt128(bitPattern: bits), mask)
    }
}
