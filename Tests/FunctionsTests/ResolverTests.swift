import Functions
import SQLTypes
import Testing

@Suite("Overload resolution")
struct ResolverTests {
    private func kernel() -> @Sendable (ResolvedSignature) throws -> ScalarKernel {
        { _ in { call in call.arguments[0] } }
    }

    private func resolve(_ overloads: [Signature], _ types: [DataType]) throws -> ResolvedSignature {
        let registry = FunctionRegistry(scalars: overloads.map { ScalarFunction("f", $0, makeKernel: kernel()) })
        return try registry.resolveScalar(name: "f", argumentTypes: types).signature
    }

    @Test("Exact matches come before coercion, concrete ones before generic ones")
    func exact() throws {
        let overloads: [Signature] = ["(bigint) -> bigint", "(double) -> double", "(T) -> T"]
        #expect(try resolve(overloads, [.bigint]).result == .bigint)
        #expect(try resolve(overloads, [.varchar(length: 2)]).result == .varchar(length: 2))
        #expect(try resolve(["(bigint) -> bigint", "(double) -> double"], [.integer]).arguments == [.bigint])
        #expect(
            try resolve(["(double) -> double", "(real) -> real"], [.decimal(precision: 3, scale: 1)]).arguments == [
                .real
            ])
    }

    @Test("Type and number variables")
    func variables() throws {
        #expect(
            try resolve(["(array(T), T) -> bigint"], [.array(.bigint), .integer]).arguments == [
                .array(.bigint), .bigint,
            ])
        #expect(
            try resolve(["(array(T), T) -> T"], [.array(.integer), .double]).arguments == [.array(.double), .double])
        #expect(try resolve(["(T, T...) -> T"], [.integer, .bigint, .tinyint]).result == .bigint)
        #expect(
            try resolve(["(decimal(p,s), decimal(p,s)) -> decimal(p,s)"], [.decimal(precision: 5, scale: 2), .integer])
                .result
                == .decimal(precision: 12, scale: 2))
        #expect(try resolve(["(varchar) -> varchar"], [.varchar(length: 3)]).arguments == [.varchar(length: 3)])
        #expect(try resolve(["(varchar) -> varchar"], [.varchar(length: 3)]).result == .varchar(length: nil))
        #expect(try resolve(["(varchar(x)) -> varchar(x)"], [.varchar(length: 3)]).result == .varchar(length: 3))
        #expect(try resolve(["(timestamp(p)) -> timestamp(p)"], [.date]).arguments == [.timestamp(precision: 0)])
        #expect(
            try resolve(["(map(K,V), K) -> V"], [.map(key: .varcharUnbounded, value: .double), .varchar(length: 1)])
                .result == .double)
        #expect(
            try resolve(["(array(T), array(T)) -> array(T)"], [.array(.unknown), .array(.bigint)]).result
                == .array(.bigint))
    }

    @Test("NULL coerces to anything")
    func null() throws {
        #expect(try resolve(["(bigint) -> bigint"], [.unknown]).arguments == [.bigint])
        #expect(try resolve(["(array(T)) -> bigint"], [.unknown]).arguments == [.array(.unknown)])
        #expect(
            try resolve(["(decimal(p,s)) -> decimal(p,s)"], [.unknown]).arguments == [.decimal(precision: 1, scale: 0)])
    }

    @Test("Lambdas in two phases")
    func lambdas() throws {
        let registry = FunctionRegistry(scalars: [
            ScalarFunction("transform", "(array(T), function(T,U)) -> array(U)", makeKernel: kernel()),
            ScalarFunction("reduce", "(array(T), S, function(S,T,S), function(S,R)) -> R", makeKernel: kernel()),
        ])
        var transform = try registry.beginScalar(
            name: "transform", arguments: [.type(.array(.integer)), .lambda(parameterCount: 1)])
        #expect(transform.lambdaIndices == [1])
        #expect(try transform.lambdaParameterTypes(at: 1) == [.integer])
        #expect(try transform.bindLambda(at: 1, returning: .varcharUnbounded) == false)
        let signature = try transform.complete()
        #expect(signature.result == .array(.varcharUnbounded))
        #expect(signature.arguments[1] == .function(parameters: [.integer], result: .varcharUnbounded))

        var reduce = try registry.beginScalar(
            name: "reduce",
            arguments: [
                .type(.array(.bigint)), .type(.integer), .lambda(parameterCount: 2), .lambda(parameterCount: 1),
            ])
        #expect(try reduce.lambdaParameterTypes(at: 2) == [.integer, .bigint])
        // The state widens: the lambdas are bound again.
        #expect(try reduce.bindLambda(at: 2, returning: .bigint))
        #expect(try reduce.lambdaParameterTypes(at: 2) == [.bigint, .bigint])
        #expect(try reduce.bindLambda(at: 2, returning: .bigint) == false)
        #expect(try reduce.lambdaParameterTypes(at: 3) == [.bigint])
        #expect(try reduce.bindLambda(at: 3, returning: .double) == false)
        let result = try reduce.complete()
        #expect(result.result == .double)
        #expect(result.arguments[1] == .bigint)
    }

    @Test("Errors in Trino's wording")
    func errors() throws {
        let registry = FunctionRegistry.standard
        let unknown = #expect(throws: QueryError.self) {
            try registry.resolveScalar(name: "roud", argumentTypes: [.double])
        }
        #expect(unknown?.message.hasPrefix("Function 'roud' not registered") == true)
        #expect(unknown?.message.contains("round") == true)
        let wrong = #expect(throws: QueryError.self) {
            try registry.resolveScalar(name: "sqrt", argumentTypes: [.varchar(length: 1)])
        }
        #expect(wrong?.message == "Unexpected parameters (varchar(1)) for function sqrt. Expected: sqrt(double)")
        #expect(wrong?.code == .functionNotFound)
        let add = #expect(throws: QueryError.self) {
            try registry.resolveScalar(name: "$add", argumentTypes: [.integer, .varchar(length: 1)])
        }
        #expect(add?.message == "Cannot apply operator: integer + varchar(1)")
        #expect(add?.code == .typeMismatch)
    }

    @Test(
        "Operators on numbers choose Trino's types",
        arguments: [
            ("$add", [DataType.integer, .integer], DataType.integer), ("$add", [.integer, .bigint], .bigint),
            ("$add", [.tinyint, .tinyint], .tinyint),
            ("$multiply", [.integer, .double], .double), ("$divide", [.integer, .integer], .integer),
            ("$add", [.real, .double], .double),
            ("$add", [.integer, .real], .real),
            (
                "$multiply", [.decimal(precision: 12, scale: 2), .decimal(precision: 12, scale: 2)],
                .decimal(precision: 24, scale: 4)
            ),
            ("$subtract", [.integer, .decimal(precision: 12, scale: 2)], .decimal(precision: 13, scale: 2)),
            ("$divide", [.decimal(precision: 10, scale: 2), .integer], .decimal(precision: 10, scale: 2)),
            (
                "$divide", [.decimal(precision: 5, scale: 1), .decimal(precision: 5, scale: 3)],
                .decimal(precision: 10, scale: 3)
            ),
            (
                "$modulus", [.decimal(precision: 10, scale: 2), .decimal(precision: 5, scale: 1)],
                .decimal(precision: 6, scale: 2)
            ),
            ("$add", [.date, .intervalDayToSecond], .date), ("$subtract", [.date, .date], .intervalDayToSecond),
            ("$subtract", [.timestamp(precision: 3), .date], .intervalDayToSecond),
            ("$add", [.timestamp(precision: 9), .intervalYearToMonth], .timestamp(precision: 9)),
            ("$multiply", [.integer, .intervalDayToSecond], .intervalDayToSecond),
            ("$add", [.unknown, .integer], .integer),
            ("$add", [.decimal(precision: 3, scale: 1), .double], .double),
        ])
    func operators(name: String, types: [DataType], result: DataType) throws {
        #expect(
            try FunctionRegistry.standard.resolveScalar(name: name, argumentTypes: types).signature.result == result)
    }
}
