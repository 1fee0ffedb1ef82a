import SQLTypes

/// What overload resolution needs to know of a function.
public protocol OverloadedFunction: Sendable {
    var name: String { get }
    var signature: Signature { get }
}

extension ScalarFunction: OverloadedFunction {}
extension AggregateFunction: OverloadedFunction {}
extension WindowFunction: OverloadedFunction {}

/// An argument as resolution sees it before lambda bodies are bound.
public enum ArgumentShape: Hashable, Sendable {
    case type(DataType)
    case lambda(parameterCount: Int)
}

/// A call whose overload is chosen, but whose lambdas may not be bound yet.
///
/// ```
/// var pending = try registry.beginScalar(name: "transform", arguments: [.type(array), .lambda(parameterCount: 1)])
/// for index in pending.lambdaIndices {                    // ascending
///     let types = try pending.lambdaParameterTypes(at: index)
///     // bind the body with these parameter types, then
///     mustRepeat = try pending.bindLambda(at: index, returning: body.type)   // true: bind all lambdas again
/// }
/// let signature = try pending.complete()
/// ```
/// `signature.arguments[index]` of a lambda is `.function`; a body of another type is cast to its result.
public struct PendingCall<Function: OverloadedFunction> {
    public let function: Function
    let parameters: [TypePattern]
    let pattern: SignaturePattern
    var shapes: [ArgumentShape]
    var bindings: SignatureBindings

    /// Positions of lambda arguments, ascending.
    public var lambdaIndices: [Int] {
        shapes.indices.filter { if case .lambda = shapes[$0] { true } else { false } }
    }

    /// Parameter types of the lambda at `index`, once the arguments (and lambdas) before it are bound.
    public func lambdaParameterTypes(at index: Int) throws -> [DataType] {
        guard case .function(let inputs, _) = parameters[index] else { throw mismatch() }
        return try inputs.map { input in
            guard let type = bindings.build(input) else { throw mismatch() }
            return type
        }
    }

    /// Tells the type of a bound body. True when a type variable became wider, so that every lambda has to be bound
    /// again with the new parameter types.
    public mutating func bindLambda(at index: Int, returning type: DataType) throws -> Bool {
        guard case .function(_, let result) = parameters[index] else { throw mismatch() }
        let before = bindings.types
        guard bindings.match(result, type, allowsCoercion: true) else { throw mismatch() }
        return before.contains { name, old in bindings.types[name] != old }
    }

    /// The concrete types of the call, with argument types after coercion.
    public func complete() throws -> ResolvedSignature {
        guard let resolved = bindings.resolve(pattern, parameters, shapes, function.signature) else { throw mismatch() }
        return resolved
    }

    private func mismatch() -> QueryError {
        SignatureResolver.unexpectedParameters(function.name, shapes, [function])
    }
}

/// Overload resolution by Trino's rules: an exact match first (concrete before generic), then by implicit coercion the
/// most specific overload.
public enum SignatureResolver {
    /// Chooses among `overloads` (of one name, at least one).
    public static func begin<Function: OverloadedFunction>(
        name: String, _ overloads: [Function], _ shapes: [ArgumentShape]
    ) throws -> PendingCall<Function> {
        var generic: PendingCall<Function>?
        for function in overloads {
            guard let call = attempt(function, shapes, allowsCoercion: false) else { continue }
            if !call.pattern.isGeneric { return call }
            if generic == nil { generic = call }
        }
        if let generic { return generic }
        let candidates = overloads.compactMap { attempt($0, shapes, allowsCoercion: true) }
        guard let first = candidates.first else {
            throw operatorMismatch(name, shapes) ?? unexpectedParameters(name, shapes, overloads)
        }
        if candidates.count == 1 { return first }
        // An overload is more specific when every other one could be called with its types.
        for candidate in candidates {
            let resolved = candidate.bindings.resolve(
                candidate.pattern, candidate.parameters, candidate.shapes, candidate.function.signature)
            let types = resolved?.arguments.map { ArgumentShape.type($0) } ?? candidate.shapes
            let isMostSpecific = candidates.allSatisfy { other in
                attempt(other.function, types, allowsCoercion: true, lambdasMatchAnything: true) != nil
            }
            if isMostSpecific { return candidate }
        }
        return first
    }

    /// The overload's bindings for these arguments, nil when they do not fit.
    private static func attempt<Function: OverloadedFunction>(
        _ function: Function, _ shapes: [ArgumentShape], allowsCoercion: Bool, lambdasMatchAnything: Bool = false
    ) -> PendingCall<Function>? {
        let pattern = SignaturePattern(function.signature.text)
        guard let parameters = pattern.parameters(forCount: shapes.count) else { return nil }
        var bindings = SignatureBindings()
        for (parameter, shape) in zip(parameters, shapes) {
            switch shape {
            case .lambda(let count):
                guard case .function(let inputs, _) = parameter, inputs.count == count else { return nil }
            case .type(let type):
                if case .function = parameter {
                    if lambdasMatchAnything, case .function = type { continue }
                    // A NULL or a function value never stands for a lambda.
                    return nil
                }
                guard bindings.match(parameter, type, allowsCoercion: allowsCoercion) else { return nil }
            }
        }
        let hasLambdas = shapes.contains { if case .lambda = $0 { true } else { false } }
        // A repeated match can have widened a variable: all arguments must still fit.
        if !hasLambdas, !lambdasMatchAnything {
            guard let resolved = bindings.resolve(pattern, parameters, shapes, function.signature) else { return nil }
            if !allowsCoercion {
                for (shape, type) in zip(shapes, resolved.arguments) where shape != .type(type) { return nil }
            }
        }
        if !bindings.satisfies(function.signature) { return nil }
        return PendingCall(
            function: function, parameters: parameters, pattern: pattern, shapes: shapes, bindings: bindings)
    }

    /// FUNCTION_NOT_FOUND with Trino's wording and near names.
    public static func notRegistered(_ name: String, near names: [String]) -> QueryError {
        let suggestion = names.isEmpty ? "" : " (near names: \(names.joined(separator: ", ")))"
        return QueryError(.functionNotFound, "Function '\(name)' not registered" + suggestion)
    }

    static func unexpectedParameters(
        _ name: String, _ shapes: [ArgumentShape], _ overloads: [some OverloadedFunction]
    ) -> QueryError {
        let given = shapes.map(describe).joined(separator: ", ")
        let expected = overloads.map { function in
            let text = function.signature.text
            let inputs = text.range(upTo: "->")
            var shown = "\(name)\(inputs)"
            let constrained =
                function.signature.orderable.map { "\($0):orderable" }
                + function.signature.comparable.filter { !function.signature.orderable.contains($0) }.map {
                    "\($0):comparable"
                }
            if !constrained.isEmpty { shown += " \(constrained.joined(separator: ", "))" }
            return shown
        }.sorted()
        return QueryError(
            .functionNotFound,
            "Unexpected parameters (\(given)) for function \(name). Expected: \(expected.joined(separator: ", "))")
    }

    private static func operatorMismatch(_ name: String, _ shapes: [ArgumentShape]) -> QueryError? {
        let symbols = ["$add": "+", "$subtract": "-", "$multiply": "*", "$divide": "/", "$modulus": "%"]
        if let symbol = symbols[name], shapes.count == 2 {
            return QueryError(
                .typeMismatch, "Cannot apply operator: \(describe(shapes[0])) \(symbol) \(describe(shapes[1]))")
        }
        if name == "$negate", shapes.count == 1 {
            return QueryError(.typeMismatch, "Cannot negate \(describe(shapes[0]))")
        }
        if name == "$subscript", shapes.count == 2 {
            return QueryError(
                .typeMismatch, "Cannot use \(describe(shapes[1])) for subscript of \(describe(shapes[0]))")
        }
        if name == "$like", let text = shapes.first {
            return QueryError(
                .typeMismatch, "Left side of LIKE expression must evaluate to a varchar (actual: \(describe(text)))")
        }
        return nil
    }

    private static func describe(_ shape: ArgumentShape) -> String {
        switch shape {
        case .type(let type): type.displayName
        case .lambda: "<function>"
        }
    }
}

extension String {
    /// The text before `mark`, without blanks at its end.
    fileprivate func range(upTo mark: String) -> String {
        let bytes = Array(utf8)
        let wanted = Array(mark.utf8)
        var end = bytes.count
        for start in 0..<bytes.count where bytes[start...].starts(with: wanted) {
            end = start
            break
        }
        while end > 0, bytes[end - 1] == 32 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}

/// What type and number variables stand for in one call.
struct SignatureBindings {
    var types: [String: DataType] = [:]
    var numbers: [String: Int] = [:]

    /// Binds the pattern's variables so that `type` fits, widening earlier bindings where coercion is allowed.
    mutating func match(_ pattern: TypePattern, _ type: DataType, allowsCoercion: Bool) -> Bool {
        switch pattern {
        case .variable(let name):
            guard let bound = types[name] else {
                types[name] = type
                return true
            }
            if bound == type { return true }
            guard allowsCoercion, let common = TypeCoercion.commonSuperType(bound, type) else { return false }
            types[name] = common
            return true
        case .exact(let wanted):
            return type == wanted || (allowsCoercion && TypeCoercion.canCoerce(type, to: wanted))
        case .sized(let kind, let parameters):
            return matchSized(kind, parameters, type, allowsCoercion)
        case .array(let element):
            if case .array(let actual) = type { return match(element, actual, allowsCoercion: allowsCoercion) }
            return type == .unknown && allowsCoercion && match(element, .unknown, allowsCoercion: true)
        case .map(let key, let value):
            if case .map(let actualKey, let actualValue) = type {
                return match(key, actualKey, allowsCoercion: allowsCoercion)
                    && match(value, actualValue, allowsCoercion: allowsCoercion)
            }
            return type == .unknown && allowsCoercion && match(key, .unknown, allowsCoercion: true)
                && match(value, .unknown, allowsCoercion: true)
        case .anyRow:
            if case .row = type { return true }
            return false
        case .row(let patterns):
            if case .row(let fields) = type {
                guard fields.count == patterns.count else { return false }
                for (pattern, field) in zip(patterns, fields)
                where !match(pattern, field.type, allowsCoercion: allowsCoercion) { return false }
                return true
            }
            guard type == .unknown, allowsCoercion else { return false }
            for pattern in patterns where !match(pattern, .unknown, allowsCoercion: true) { return false }
            return true
        case .sketch(let name, let element):
            if case .sketch(name, let actual?) = type { return match(element, actual, allowsCoercion: false) }
            return false
        case .any: return true
        case .function: return false
        }
    }

    private mutating func matchSized(
        _ kind: TypePattern.Sized, _ parameters: [TypePattern.Number?], _ type: DataType, _ allowsCoercion: Bool
    ) -> Bool {
        guard let sizes = Self.sizes(kind, type, allowsCoercion) else {
            // NULL fits every size.
            return type == .unknown && allowsCoercion
        }
        if case .decimal = kind, case .variable(let p)?? = parameters.first, case .variable(let s)? = parameters[1],
            let oldPrecision = numbers[p], let oldScale = numbers[s]
        {
            if oldPrecision == sizes[0], oldScale == sizes[1] { return true }
            let common = TypeCoercion.commonSuperType(
                .decimal(precision: oldPrecision, scale: oldScale), .decimal(precision: sizes[0], scale: sizes[1]))
            guard allowsCoercion, case .decimal(let precision, let scale)? = common else { return false }
            numbers[p] = precision
            numbers[s] = scale
            return true
        }
        for (parameter, size) in zip(parameters, sizes) {
            switch parameter {
            case nil: break
            case .literal(let wanted)?: if wanted != size, !(allowsCoercion && size < wanted) { return false }
            case .variable(let name)?:
                if let bound = numbers[name], bound != size {
                    guard allowsCoercion else { return false }
                    numbers[name] = max(bound, size)
                } else {
                    numbers[name] = size
                }
            }
        }
        return true
    }

    /// The number parameters of `type` as a `kind`, coerced where that is allowed; nil when it is not one. An unbounded
    /// varchar has the size `Int32.max`.
    private static func sizes(_ kind: TypePattern.Sized, _ type: DataType, _ allowsCoercion: Bool) -> [Int]? {
        switch (kind, type) {
        case (.decimal, .decimal(let precision, let scale)): return [precision, scale]
        case (.varchar, .varchar(let length)): return [length ?? Int(Int32.max)]
        case (.char, .char(let length)): return [length]
        case (.time, .time(let precision)), (.timeWithTimeZone, .timeWithTimeZone(let precision)),
            (.timestamp, .timestamp(let precision)), (.timestampWithTimeZone, .timestampWithTimeZone(let precision)):
            return [precision]
        default: break
        }
        guard allowsCoercion else { return nil }
        switch (kind, type) {
        case (.decimal, .tinyint), (.decimal, .smallint), (.decimal, .integer), (.decimal, .bigint):
            if case .decimal(let precision, let scale)? = type.asDecimal { return [precision, scale] }
            return nil
        case (.varchar, .char(let length)): return [length]
        case (.char, .varchar(let length?)) where length <= DataType.maxCharLength: return [length]
        case (.timestamp, .date), (.timestampWithTimeZone, .date): return [0]
        case (.timestampWithTimeZone, .timestamp(let precision)): return [precision]
        case (.timeWithTimeZone, .time(let precision)): return [precision]
        default: return nil
        }
    }

    /// The pattern with its holes filled; nil when a variable is not bound.
    func build(_ pattern: TypePattern) -> DataType? { build(pattern, for: nil) }

    /// `actual` fills free sizes of a parameter.
    private func build(_ pattern: TypePattern, for actual: DataType?) -> DataType? {
        switch pattern {
        case .variable(let name): return types[name]
        case .exact(let type): return type
        case .sized(let kind, let parameters): return buildSized(kind, parameters, actual)
        case .array(let element):
            var inner: DataType?
            if case .array(let type)? = actual { inner = type }
            return build(element, for: inner).map { .array($0) }
        case .map(let key, let value):
            var innerKey: DataType?
            var innerValue: DataType?
            if case .map(let k, let v)? = actual { (innerKey, innerValue) = (k, v) }
            guard let keyType = build(key, for: innerKey), let valueType = build(value, for: innerValue) else {
                return nil
            }
            return .map(key: keyType, value: valueType)
        case .anyRow, .any: return actual
        case .row(let patterns):
            var fields: [RowField] = []
            var actualFields: [RowField] = []
            if case .row(let list)? = actual { actualFields = list }
            for (index, pattern) in patterns.enumerated() {
                let field = index < actualFields.count ? actualFields[index] : nil
                guard let type = build(pattern, for: field?.type) else { return nil }
                fields.append(RowField(name: field?.name, type: type))
            }
            return .row(fields)
        case .function(let inputs, let result):
            let types = inputs.compactMap { build($0) }
            guard types.count == inputs.count, let output = build(result) else { return nil }
            return .function(parameters: types, result: output)
        case .sketch(let name, let element): return build(element, for: nil).map { .sketch(name: name, of: $0) }
        }
    }

    private func buildSized(_ kind: TypePattern.Sized, _ parameters: [TypePattern.Number?], _ actual: DataType?)
        -> DataType?
    {
        let given = actual.flatMap { Self.sizes(kind, $0, true) }
        var sizes: [Int?] = []
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case nil: sizes.append(given?[index])
            case .literal(let size)?: sizes.append(size)
            case .variable(let name)?: sizes.append(numbers[name] ?? given?[index])
            }
        }
        switch kind {
        case .decimal: return .decimal(precision: sizes[0] ?? 1, scale: sizes[1] ?? 0)
        case .varchar: return .varchar(length: sizes[0].flatMap { $0 >= Int(Int32.max) ? nil : $0 })
        case .char: return .char(length: sizes[0] ?? 1)
        case .time: return .time(precision: sizes[0] ?? 3)
        case .timeWithTimeZone: return .timeWithTimeZone(precision: sizes[0] ?? 3)
        case .timestamp: return .timestamp(precision: sizes[0] ?? 3)
        case .timestampWithTimeZone: return .timestampWithTimeZone(precision: sizes[0] ?? 3)
        }
    }

    /// All concrete types of a call; nil when they do not fit together.
    func resolve(
        _ pattern: SignaturePattern, _ parameters: [TypePattern], _ shapes: [ArgumentShape], _ signature: Signature
    ) -> ResolvedSignature? {
        var arguments: [DataType] = []
        for (parameter, shape) in zip(parameters, shapes) {
            switch shape {
            case .lambda:
                guard let type = build(parameter) else { return nil }
                arguments.append(type)
            case .type(let type):
                guard let wanted = build(parameter, for: type) else { return nil }
                guard type == wanted || TypeCoercion.canCoerce(type, to: wanted) else { return nil }
                arguments.append(wanted)
            }
        }
        guard satisfies(signature) else { return nil }
        if let rule = signature.resultType {
            guard let result = rule(arguments) else { return nil }
            return ResolvedSignature(arguments: arguments, result: result)
        }
        guard let result = build(pattern.result) else { return nil }
        return ResolvedSignature(arguments: arguments, result: result)
    }

    func satisfies(_ signature: Signature) -> Bool {
        for name in signature.comparable { if let type = types[name], !type.isComparable { return false } }
        for name in signature.orderable { if let type = types[name], !type.isOrderable { return false } }
        return true
    }
}
