import Functions
import SQLTypes

/// A column of a plan: a name for people, an id that is unique in the statement, a type.
///
/// Plans refer to columns by id alone, so rules may move expressions without renaming anything.
public struct ColumnReference: Hashable, Sendable {
    public let id: Int
    public let name: String
    public let type: DataType

    public init(id: Int, name: String, type: DataType) {
        self.id = id
        self.name = name
        self.type = type
    }

    public static func == (left: ColumnReference, right: ColumnReference) -> Bool { left.id == right.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// A typed scalar expression: the engine's intermediate representation, apart from the syntax tree.
///
/// Operands already have the types their operators need (casts are explicit). AND and OR are flat lists. Depth is
/// bounded by the binder, so plain recursion over it is safe.
public indirect enum BoundExpression: Hashable, Sendable {
    case constant(Value, DataType)
    case column(ColumnReference)
    case call(FunctionCall)
    /// `= <> < <= > >=` and IS [NOT] DISTINCT FROM on operands of one type.
    case comparison(ComparisonOperator, BoundExpression, BoundExpression)
    /// Two or more terms.
    case and([BoundExpression])
    case or([BoundExpression])
    case not(BoundExpression)
    case isNull(BoundExpression)
    /// `value IN (list)`: all of one type.
    case inList(BoundExpression, [BoundExpression])
    /// Searched CASE; IF, COALESCE and NULLIF have their own forms below only where that is shorter.
    case caseWhen(branches: [CaseBranch], otherwise: BoundExpression, type: DataType)
    case coalesce([BoundExpression], type: DataType)
    case nullIf(BoundExpression, BoundExpression)
    /// TRY(e): errors that TRY catches become NULL, row by row.
    case tryExpression(BoundExpression)
    case cast(BoundExpression, to: DataType, isTry: Bool)
    /// Field `index` of a row value.
    case field(BoundExpression, index: Int, type: DataType)
    /// ROW(...).
    case makeRow([BoundExpression], type: DataType)
    /// Only as an argument of a call. Parameters are columns of their own; the body may refer to any column.
    case lambda(parameters: [ColumnReference], body: BoundExpression)

    public var type: DataType {
        switch self {
        case .constant(_, let type): type
        case .column(let column): column.type
        case .call(let call): call.signature.result
        case .comparison, .and, .or, .not, .isNull, .inList: .boolean
        case .caseWhen(_, _, let type), .coalesce(_, let type): type
        case .nullIf(let first, _): first.type
        case .tryExpression(let inner): inner.type
        case .cast(_, let type, _): type
        case .field(_, _, let type): type
        case .makeRow(_, let type): type
        case .lambda(let parameters, let body): .function(parameters: parameters.map(\.type), result: body.type)
        }
    }

    public static let `true` = BoundExpression.constant(.boolean(true), .boolean)
    public static let `false` = BoundExpression.constant(.boolean(false), .boolean)
    public static func null(_ type: DataType) -> BoundExpression { .constant(.null, type) }
}

public struct CaseBranch: Hashable, Sendable {
    public var condition: BoundExpression
    public var result: BoundExpression

    public init(condition: BoundExpression, result: BoundExpression) {
        self.condition = condition
        self.result = result
    }
}

public enum ComparisonOperator: String, Hashable, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isDistinctFrom = "IS DISTINCT FROM"
    case isNotDistinctFrom = "IS NOT DISTINCT FROM"

    /// The operator with its operands exchanged.
    public var flipped: ComparisonOperator {
        switch self {
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        case .equal, .notEqual, .isDistinctFrom, .isNotDistinctFrom: self
        }
    }

    /// The operator that holds exactly where this one is false (both NULL where an operand is NULL).
    public var negated: ComparisonOperator {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        case .less: .greaterOrEqual
        case .lessOrEqual: .greater
        case .greater: .lessOrEqual
        case .greaterOrEqual: .less
        case .isDistinctFrom: .isNotDistinctFrom
        case .isNotDistinctFrom: .isDistinctFrom
        }
    }
}

/// A resolved call of a scalar function.
public struct FunctionCall: Hashable, Sendable {
    public var function: ScalarFunction
    public var signature: ResolvedSignature
    public var arguments: [BoundExpression]
    /// For errors raised at run time; not part of equality.
    public var position: SourcePosition?

    public init(
        function: ScalarFunction, signature: ResolvedSignature, arguments: [BoundExpression],
        position: SourcePosition? = nil
    ) {
        self.function = function
        self.signature = signature
        self.arguments = arguments
        self.position = position
    }

    public static func == (left: FunctionCall, right: FunctionCall) -> Bool {
        left.function.name == right.function.name && left.signature == right.signature
            && left.arguments == right.arguments
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(function.name)
        hasher.combine(arguments)
    }
}
