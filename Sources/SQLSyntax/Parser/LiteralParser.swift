import SQLTypes

/// number, binary literal, interval
extension Parser {
    /// number = INTEGER | DECIMAL | DOUBLE ; nothing is taken if another token stands there.
    mutating func takeNumber(isNegative: Bool, at place: SourcePosition) throws(QueryError) -> Expression? {
        let token = self.token
        let kind: Expression.Kind
        switch token.kind {
        case .integer:
            guard let value = integerValue(token, isNegative: isNegative) else {
                throw failure(
                    "Invalid numeric literal: \(isNegative ? "-" : "")\(source.text(of: token))", at: place)
            }
            kind = .integer(value)
        case .decimal:
            let text = source.text(of: token).filter { $0 != "_" }
            kind = .decimal(isNegative ? "-" + text : text)
        case .double:
            guard let value = Double(source.text(of: token)) ?? Double("0" + source.text(of: token)) else {
                throw failure("Invalid numeric literal: \(source.text(of: token))", at: place)
            }
            kind = .double(isNegative ? -value : value)
        default:
            return nil
        }
        advance()
        return Expression(kind, at: place)
    }

    /// The value of an INTEGER token in any radix; nil when it does not fit.
    func integerValue(_ token: Token, isNegative: Bool = false) -> Int64? {
        var offset = Int(token.start)
        let end = Int(token.end)
        var radix: Int64 = 10
        if end - offset > 2, source.bytes[offset] == 0x30 {
            switch source.bytes[offset + 1] | 0x20 {
            case 0x78: radix = 16
            case 0x6F: radix = 8
            case 0x62: radix = 2
            default: break
            }
            if radix != 10 { offset += 2 }
        }
        var value: Int64 = 0
        while offset < end {
            let byte = source.bytes[offset]
            offset &+= 1
            if byte == 0x5F { continue }
            let digit = Int64(byte < 0x40 ? byte &- 0x30 : (byte | 0x20) &- 0x61 &+ 10)
            let (shifted, overflowed) = value.multipliedReportingOverflow(by: radix)
            let (sum, carried) =
                isNegative ? shifted.subtractingReportingOverflow(digit) : shifted.addingReportingOverflow(digit)
            if overflowed || carried { return nil }
            value = sum
        }
        return value
    }

    /// An INTEGER token's value, as a count or a size.
    mutating func parseInteger() throws(QueryError) -> Int {
        guard at(TokenKind.integer) else { throw mismatch() }
        let token = self.token
        guard let value = integerValue(token) else {
            throw failure("Invalid numeric literal: \(source.text(of: token))")
        }
        advance()
        return Int(value)
    }

    /// BINARY = 'X' "'" { two hexadecimal digits } "'" ; blanks between digits are skipped.
    func decodeBinary(_ token: Token) throws(QueryError) -> [UInt8] {
        let start = Int(token.start) + 2
        let end = Int(token.end) - 1
        var digits: [UInt8] = []
        digits.reserveCapacity(end - start)
        for offset in start..<end {
            let byte = source.bytes[offset]
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { continue }
            guard let digit = Self.hexValue(Unicode.Scalar(byte)) else {
                throw failure("Binary literal can only contain hexadecimal digits", at: token.position)
            }
            digits.append(UInt8(digit))
        }
        guard digits.count % 2 == 0 else {
            throw failure("Binary literal must contain an even number of digits", at: token.position)
        }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// Whether an interval literal, and not a column called `interval`, stands at the current token.
    func intervalFollows() -> Bool {
        switch peek().kind {
        case .string, .unicodeString: true
        case .plus, .minus: peek(2).kind == .string || peek(2).kind == .unicodeString
        default: false
        }
    }

    /// interval = 'INTERVAL' [ '+' | '-' ] string intervalField [ 'TO' intervalField ] ;
    mutating func parseInterval() throws(QueryError) -> IntervalLiteral {
        try expect(.interval)
        let isNegative = take(.minus)
        if !isNegative { _ = take(.plus) }
        let text = try parseString()
        let from = try parseIntervalField()
        let to = take(.to) ? try parseIntervalField() : nil
        return IntervalLiteral(isNegative: isNegative, text: text, from: from, to: to)
    }

    /// intervalField = 'YEAR' | 'MONTH' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND' ;
    mutating func parseIntervalField() throws(QueryError) -> IntervalField {
        switch try expectOne(of: .year, .month, .day, .hour, .minute, .second) {
        case .year: .year
        case .month: .month
        case .day: .day
        case .hour: .hour
        case .minute: .minute
        default: .second
        }
    }
}
