import Columnar
import SQLTypes

/// Parts of URLs, and percent encoding.
enum URLFunctions {
    static let scalars: [ScalarFunction] = [
        part("url_extract_protocol", "The scheme", "https", \.scheme),
        part("url_extract_host", "The host", "example.com", \.host),
        part("url_extract_path", "The path", "/a/b", \.path),
        part("url_extract_query", "The query", "x=1&y=2", \.query),
        part("url_extract_fragment", "The fragment", "top", \.fragment),
        ScalarFunction(
            "url_extract_port", "(varchar) -> bigint", summary: "The port; NULL for none",
            examples: [FunctionExample("url_extract_port('http://h:8080/')", "8080")]
        ) { _ in
            { call in
                TextDriver.values(call, as: .bigint, Int64.self) { row, views in
                    URLParts(views[0].string(row))?.port.flatMap { Int64($0) }
                }
            }
        },
        ScalarFunction(
            "url_extract_parameter", "(varchar, varchar) -> varchar", summary: "The value of a parameter of the query",
            examples: [FunctionExample("url_extract_parameter('http://h/?x=1&y=2', 'y')", "2")]
        ) { signature in
            { call in
                TextDriver.texts(call, as: signature.result) { row, views, heap in
                    guard let query = URLParts(views[0].string(row))?.query else { return nil }
                    let wanted = views[1].string(row)
                    for pair in query.split(separator: "&", omittingEmptySubsequences: true) {
                        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                        guard String(sides[0]) == wanted else { continue }
                        return heap.append(sides.count > 1 ? decode(Array(sides[1].utf8), plusIsBlank: true) ?? [] : [])
                    }
                    return nil
                }
            }
        },
        StringFunctions.mapping(
            "url_encode", "(varchar) -> varchar", "The text with unusual characters as %XX",
            [FunctionExample("url_encode('a b/c')", "a+b%2Fc")]
        ) { bytes, heap in
            let hex = Array("0123456789ABCDEF".utf8)
            var out: [UInt8] = []
            for byte in bytes {
                switch byte {
                case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2e, 0x2d, 0x2a, 0x5f: out.append(byte)
                case 0x20: out.append(0x2b)
                default: out.append(contentsOf: [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]])
                }
            }
            return heap.append(out)
        },
        ScalarFunction(
            "url_decode", "(varchar) -> varchar", summary: "The text with %XX undone", cannotRaise: false,
            examples: [
                FunctionExample("url_decode('a+b%2Fc')", "a b/c"),
                FunctionExample("url_decode('%z')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    guard let bytes = decode(views[0].bytes(row), plusIsBlank: true) else {
                        throw QueryError(.invalidFunctionArgument, "Illegal characters in escape (%) pattern")
                    }
                    return heap.append(bytes)
                }
            }
        },
    ]

    private static func part(
        _ name: String, _ summary: String, _ result: String, _ path: KeyPath<URLParts, String?> & Sendable
    ) -> ScalarFunction {
        ScalarFunction(
            name, "(varchar) -> varchar", summary: summary + " of a URL; NULL when the text is none",
            examples: [FunctionExample("\(name)('https://example.com/a/b?x=1&y=2#top')", result)]
        ) { signature in
            { call in
                TextDriver.texts(call, as: signature.result) { row, views, heap in
                    URLParts(views[0].string(row))?[keyPath: path].map { heap.append($0) }
                }
            }
        }
    }

    static func decode(_ bytes: [UInt8], plusIsBlank: Bool) -> [UInt8]? {
        var out: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x25 {
                guard index + 2 < bytes.count,
                    let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
                else { return nil }
                out.append(value)
                index += 3
            } else {
                out.append(plusIsBlank && bytes[index] == 0x2b ? 0x20 : bytes[index])
                index += 1
            }
        }
        return out
    }
}

/// A URL taken apart (RFC 3986, appendix B).
struct URLParts {
    var scheme: String?
    var host: String?
    var port: String?
    var path: String?
    var query: String?
    var fragment: String?

    init?(_ text: String) {
        guard !text.contains(where: { $0 == " " || $0 == "<" || $0 == ">" || $0 == "\"" }) else { return nil }
        var rest = text[...]
        if let sign = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: sign)...])
            rest = rest[..<sign]
        }
        if let sign = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: sign)...])
            rest = rest[..<sign]
        }
        if let colon = rest.firstIndex(of: ":"), colon != rest.startIndex,
            rest[..<colon].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        {
            scheme = String(rest[..<colon])
            rest = rest[rest.index(after: colon)...]
        }
        if rest.hasPrefix("//") {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: "/") ?? rest.endIndex
            var authority = rest[..<end]
            rest = rest[end...]
            if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
            if let colon = authority.lastIndex(of: ":"),
                authority[authority.index(after: colon)...].allSatisfy(\.isNumber)
            {
                port = String(authority[authority.index(after: colon)...])
                authority = authority[..<colon]
            }
            host = authority.isEmpty ? nil : String(authority)
        }
        path = String(rest)
    }
}
