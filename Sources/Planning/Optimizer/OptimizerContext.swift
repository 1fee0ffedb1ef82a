import Expressions
import Functions
import Metastore
import SQLTypes

/// What rules may ask for and make.
public struct OptimizerContext {
    public var statistics: any StatisticsProvider
    /// Rules that are switched off, by name in snake case (`push_filter_through_join`).
    public var disabledRules: Set<String>
    /// Gives the partitions of tables.
    public var catalog: any CatalogReader
    /// Evaluates expressions without columns, with the kernels that queries use.
    public var folder: ConstantFolder
    /// For the few functions that rules introduce (`count`, `row_number`, `$add` ...).
    public var functions: FunctionRegistry
    /// Whether the plan is checked after every rule that changed it.
    public var validates: Bool
    /// Ends planning too: a statement of thousands of subqueries can take long.
    public var cancellation: Cancellation
    /// Makes the columns that rules introduce; set for each plan.
    var columns = ColumnAllocator()

    public init(
        statistics: any StatisticsProvider, catalog: any CatalogReader, folder: ConstantFolder,
        functions: FunctionRegistry = .standard, disabledRules: Set<String> = [],
        validates: Bool = Self.validatesByDefault, cancellation: Cancellation = Cancellation()
    ) {
        self.statistics = statistics
        self.disabledRules = disabledRules
        self.catalog = catalog
        self.folder = folder
        self.functions = functions
        self.validates = validates
        self.cancellation = cancellation
    }

    /// True in debug builds.
    public static var validatesByDefault: Bool {
        #if DEBUG
        true
        #else
        false
        #endif
    }

    // MARK: What rules make

    /// A column with `column`'s name and type and an id of its own.
    func fresh(_ column: ColumnReference) -> ColumnReference { columns.make(column.name, column.type) }

    /// An aggregate call over columns, e.g. `aggregate("count", [x])`.
    func aggregate(_ name: String, _ arguments: [ColumnReference], output: String? = nil) throws -> AggregateCall {
        let found = try functions.resolveAggregate(name: name, argumentTypes: arguments.map(\.type))
        return AggregateCall(
            output: columns.make(output ?? name, found.signature.result), function: found.function,
            signature: found.signature, arguments: arguments.map { .column($0) })
    }

    /// A ranking function over a whole partition.
    func ranking(_ name: String) throws -> WindowCall {
        let found = try functions.resolveWindow(name: name, argumentTypes: [])
        return WindowCall(
            output: columns.make(name, found.signature.result), function: .window(found.function),
            signature: found.signature, arguments: [])
    }

    /// A scalar call; operands are cast to the types that the overload takes.
    func call(_ name: String, _ arguments: [BoundExpression]) throws -> BoundExpression {
        let found = try functions.resolveScalar(name: name, argumentTypes: arguments.map(\.type))
        let operands = zip(arguments, found.signature.arguments).map { argument, type in
            argument.type == type ? argument : .cast(argument, to: type, isTry: false)
        }
        return .call(FunctionCall(function: found.function, signature: found.signature, arguments: operands))
    }
}

extension ColumnAllocator {
    /// An id for a shared definition: negative, apart from those of binding.
    func makeSharedID() -> Int { -make("shared", .bigint).id }
}
