import SQLTypes

/// `FUNCTION name(parameters) RETURNS type characteristics body`, in WITH or CREATE.
public struct FunctionSpecification: Hashable, Sendable {
    public var name: QualifiedName
    public var parameters: [FunctionParameter]
    public var returns: TypeName
    public var characteristics: [Characteristic]
    public var body: ControlStatement

    public enum Characteristic: Hashable, Sendable {
        case language(Identifier)
        case deterministic(Bool)
        case returnsNullOnNullInput
        case calledOnNullInput
        case security(CreateView.Security)
        case comment(String)
    }
}

public struct FunctionParameter: Hashable, Sendable {
    public var name: Identifier?
    public var type: TypeName
}

/// A statement of a function's body.
public indirect enum ControlStatement: Hashable, Sendable {
    case `return`(Expression)
    case assignment(Identifier, Expression)
    case simpleCase(Expression, [Branch], otherwise: [ControlStatement]?)
    case searchedCase([Branch], otherwise: [ControlStatement]?)
    /// IF and its ELSEIFs.
    case `if`([Branch], otherwise: [ControlStatement]?)
    case iterate(Identifier)
    case leave(Identifier)
    case block([VariableDeclaration], [ControlStatement])
    case loop(label: Identifier?, [ControlStatement])
    case whileLoop(label: Identifier?, Expression, [ControlStatement])
    case repeatLoop(label: Identifier?, [ControlStatement], until: Expression)

    public struct Branch: Hashable, Sendable {
        public var condition: Expression
        public var statements: [ControlStatement]
    }

    public struct VariableDeclaration: Hashable, Sendable {
        public var names: [Identifier]
        public var type: TypeName
        public var initial: Expression?
    }
}
