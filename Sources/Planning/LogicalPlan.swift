import Columnar
import Expressions
import Functions
import Metastore
import SQLTypes
import Storage

/// A query as a tree of relational operators over columns with unique ids.
///
/// ```
/// Output[n]
///   TopN[10, revenue DESC]
///     Aggregate[l_orderkey; sum(x)]
///       Join[INNER, l_orderkey = o_orderkey]
///         Scan[lineitem] ...
/// ```
/// Binding produces it, rules rewrite it, the physical planner turns it into pipelines. Every node's output columns
/// are derivable (`outputColumns`); the validator checks that every column a node reads comes from its inputs.
/// `DependentJoin` exists only between binding and unnesting.
public indirect enum LogicalPlan: Sendable {
    case scan(TableScan)
    /// Literal rows; also the one-row, no-column input of a SELECT without FROM.
    case values(columns: [ColumnReference], rows: [[BoundExpression]])
    case filter(LogicalPlan, BoundExpression)
    /// Computes all its outputs; pass-through columns are `Assignment(column, .column(column))`.
    case project(LogicalPlan, [Assignment])
    case aggregate(Aggregate)
    case join(Join)
    /// The right side refers to columns of the left (LATERAL, correlated subqueries). Gone after unnesting.
    case dependentJoin(DependentJoin)
    case sort(LogicalPlan, [SortKey])
    case topN(LogicalPlan, [SortKey], count: Int, offset: Int, withTies: Bool)
    case limit(LogicalPlan, count: Int?, offset: Int)
    case union(Union)
    case window(Window)
    case unnest(Unnest)
    /// Fails with SUBQUERY_MULTIPLE_ROWS on a second row; gives one row of NULLs for none.
    case enforceSingleRow(LogicalPlan)
    /// Adds a BIGINT column that is different in every row.
    case assignUniqueID(LogicalPlan, ColumnReference)
    /// Keeps a share of the rows, 0...1 (TABLESAMPLE BERNOULLI or SYSTEM).
    case sample(LogicalPlan, fraction: Double)
    /// A subplan that is used more than once: computed once, read by `sharedScan`s with the same id.
    case shared(id: Int, definition: LogicalPlan, body: LogicalPlan)
    /// `columns[i]` reads output column i of the definition.
    case sharedScan(id: Int, columns: [ColumnReference])
    /// WITH RECURSIVE: `step` reads the rows of the last round through `sharedScan(id)`.
    case recursive(id: Int, columns: [ColumnReference], base: LogicalPlan, step: LogicalPlan, maxDepth: Int)
    /// A table function of the engine (`sequence`).
    case tableFunction(name: String, arguments: [BoundExpression], columns: [ColumnReference])
}

/// An output column and what it is.
public struct Assignment: Sendable, Hashable {
    public var column: ColumnReference
    public var expression: BoundExpression

    public init(_ column: ColumnReference, _ expression: BoundExpression) {
        self.column = column
        self.expression = expression
    }
}

public struct SortKey: Sendable, Hashable {
    public var column: ColumnReference
    public var isAscending: Bool
    public var nullsFirst: Bool

    public init(_ column: ColumnReference, isAscending: Bool = true, nullsFirst: Bool = false) {
        self.column = column
        self.isAscending = isAscending
        self.nullsFirst = nullsFirst
    }
}

/// Reads a table: which of its columns under which references, and what is known to hold.
public struct TableScan: Sendable {
    /// Where a scan's column comes from.
    public enum Source: Hashable, Sendable {
        /// Data column: position in `table.storage.columns`.
        case data(Int)
        /// Partition key: position in `table.partitionKeys`.
        case partitionKey(Int)
        /// `$path`, `$file_size`, `$file_modified_time`, `$partition`.
        case hidden(String)
    }

    public struct Column: Hashable, Sendable {
        public var reference: ColumnReference
        public var source: Source
        /// Struct fields that are read, as paths; nil means all.
        public var fields: [[String]]?

        public init(_ reference: ColumnReference, _ source: Source, fields: [[String]]? = nil) {
            self.reference = reference
            self.source = source
            self.fields = fields
        }
    }

    public var table: Table
    public var columns: [Column]
    /// Conjuncts over `columns` that the scan applies itself (set by PushFilterIntoScan).
    public var filter: [BoundExpression]
    /// Partitions to read; nil before partition pruning or for unpartitioned tables.
    public var partitions: [Partition]?
    /// Rows of metadata tables (information_schema, `"t$partitions"`), produced when the query starts.
    public var provider: (any MetadataTable)?

    public init(
        table: Table, columns: [Column], filter: [BoundExpression] = [], partitions: [Partition]? = nil,
        provider: (any MetadataTable)? = nil
    ) {
        self.table = table
        self.columns = columns
        self.filter = filter
        self.partitions = partitions
        self.provider = provider
    }
}

/// A table whose rows come from the catalog instead of files.
public protocol MetadataTable: Sendable {
    var columns: [SchemaColumn] { get }
    /// All rows, in column order.
    func rows() throws -> [[Value]]
}

/// GROUP BY. Without keys and with one empty grouping set it gives one row.
public struct Aggregate: Sendable {
    public var input: LogicalPlan
    /// Columns of the input to group by.
    public var keys: [ColumnReference]
    /// GROUPING SETS as positions in `keys`; nil for plain GROUP BY. Keys outside a set are NULL in its rows: with
    /// sets, `keyOutputs` gives the references under which keys come out.
    public var groupingSets: [[Int]]?
    /// References of the keys in the output (equal to `keys` without grouping sets).
    public var keyOutputs: [ColumnReference]
    /// With grouping sets: a BIGINT column that holds the number of the set (for `grouping()`).
    public var groupID: ColumnReference?
    public var calls: [AggregateCall]

    public init(
        input: LogicalPlan, keys: [ColumnReference], groupingSets: [[Int]]? = nil, keyOutputs: [ColumnReference]? = nil,
        groupID: ColumnReference? = nil, calls: [AggregateCall]
    ) {
        self.input = input
        self.keys = keys
        self.groupingSets = groupingSets
        self.keyOutputs = keyOutputs ?? keys
        self.groupID = groupID
        self.calls = calls
    }
}

/// One aggregate of a GROUP BY or window: arguments are columns of the input.
public struct AggregateCall: Sendable {
    public var output: ColumnReference
    public var function: AggregateFunction
    public var signature: ResolvedSignature
    public var arguments: [AggregateArgument]
    public var isDistinct: Bool
    /// A BOOLEAN column; rows where it is not true are left out.
    public var filter: ColumnReference?
    public var orderBy: [SortKey]

    public init(
        output: ColumnReference, function: AggregateFunction, signature: ResolvedSignature,
        arguments: [AggregateArgument], isDistinct: Bool = false, filter: ColumnReference? = nil,
        orderBy: [SortKey] = []
    ) {
        self.output = output
        self.function = function
        self.signature = signature
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
        self.orderBy = orderBy
    }
}

public enum AggregateArgument: Sendable, Hashable {
    case column(ColumnReference)
    /// A constant (percentile, separator).
    case constant(Value, DataType)
    /// A lambda (reduce_agg): parameters and body without captured columns.
    case lambda(parameters: [ColumnReference], body: BoundExpression)
}

public struct Join: Sendable {
    public enum Kind: String, Sendable {
        case inner = "INNER", left = "LEFT", right = "RIGHT", full = "FULL", cross = "CROSS"
        /// Left rows with (without) a match; output: the left columns.
        case semi = "SEMI"
        case anti = "ANTI"
        /// Left columns plus `markColumn`: TRUE, FALSE or NULL as IN would say.
        case mark = "MARK"
    }

    public var kind: Kind
    public var left: LogicalPlan
    public var right: LogicalPlan
    /// Equalities left = right; both sides have one type.
    public var equalities: [Equality]
    /// Further conditions over both sides (TRUE: none).
    public var residual: BoundExpression
    public var markColumn: ColumnReference?
    /// For `anti` and `mark`: NULL keys follow NOT IN's rules rather than NOT EXISTS'.
    public var isNullAware: Bool
    /// Which side is built: set by the optimiser; the physical planner decides when nil.
    public var buildsLeft: Bool?

    public struct Equality: Sendable, Hashable {
        public var left: ColumnReference
        public var right: ColumnReference
        /// IS NOT DISTINCT FROM instead of `=`.
        public var isNullSafe: Bool

        public init(_ left: ColumnReference, _ right: ColumnReference, isNullSafe: Bool = false) {
            self.left = left
            self.right = right
            self.isNullSafe = isNullSafe
        }
    }

    public init(
        kind: Kind, left: LogicalPlan, right: LogicalPlan, equalities: [Equality] = [],
        residual: BoundExpression = .true, markColumn: ColumnReference? = nil, isNullAware: Bool = false
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.equalities = equalities
        self.residual = residual
        self.markColumn = markColumn
        self.isNullAware = isNullAware
    }
}

/// For each left row the right plan, which may read left columns.
public struct DependentJoin: Sendable {
    public enum Kind: Sendable {
        case inner, left
        /// Left columns plus the one value of the right plan (NULL for no row; more rows are an error).
        case scalar(ColumnReference)
        /// Left columns plus TRUE or FALSE in `column`.
        case exists(ColumnReference)
        /// Left columns plus `value IN (right)`; `value` is a left column, compared with the right's one output.
        case inSet(ColumnReference, value: ColumnReference, right: ColumnReference)
        /// Left columns plus `value <comparison> ALL|ANY (right)`.
        case quantified(
            ColumnReference, value: ColumnReference, right: ColumnReference, ComparisonOperator, isAll: Bool)
    }

    public var kind: Kind
    public var left: LogicalPlan
    public var right: LogicalPlan
    /// ON condition of a lateral join (TRUE otherwise).
    public var condition: BoundExpression
    /// Where the subquery stands in the text.
    public var position: SourcePosition?

    public init(
        kind: Kind, left: LogicalPlan, right: LogicalPlan, condition: BoundExpression = .true,
        position: SourcePosition? = nil
    ) {
        self.kind = kind
        self.left = left
        self.right = right
        self.condition = condition
        self.position = position
    }
}

/// UNION ALL: column i of every input becomes `columns[i]`.
public struct Union: Sendable {
    public var inputs: [LogicalPlan]
    public var columns: [ColumnReference]
    /// Per input, the columns in the order of `columns`.
    public var inputColumns: [[ColumnReference]]

    public init(inputs: [LogicalPlan], columns: [ColumnReference], inputColumns: [[ColumnReference]]) {
        self.inputs = inputs
        self.columns = columns
        self.inputColumns = inputColumns
    }
}

/// Window functions that share PARTITION BY and ORDER BY. Output: the input's columns and one per function.
public struct Window: Sendable {
    public var input: LogicalPlan
    public var partitionBy: [ColumnReference]
    public var orderBy: [SortKey]
    public var calls: [WindowCall]

    public init(input: LogicalPlan, partitionBy: [ColumnReference], orderBy: [SortKey], calls: [WindowCall]) {
        self.input = input
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.calls = calls
    }
}

public struct WindowCall: Sendable {
    public enum Function: Sendable {
        case window(WindowFunction)
        case aggregate(AggregateFunction)
    }

    public var output: ColumnReference
    public var function: Function
    public var signature: ResolvedSignature
    public var arguments: [AggregateArgument]
    public var isDistinct: Bool
    public var filter: ColumnReference?
    public var ignoresNulls: Bool
    public var frame: WindowFrame

    public init(
        output: ColumnReference, function: Function, signature: ResolvedSignature, arguments: [AggregateArgument],
        isDistinct: Bool = false, filter: ColumnReference? = nil, ignoresNulls: Bool = false,
        frame: WindowFrame = .default
    ) {
        self.output = output
        self.function = function
        self.signature = signature
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.filter = filter
        self.ignoresNulls = ignoresNulls
        self.frame = frame
    }
}

public struct WindowFrame: Sendable, Hashable {
    public enum Unit: String, Sendable { case rows = "ROWS", range = "RANGE", groups = "GROUPS" }

    /// Offsets are columns of the input: BIGINT for ROWS and GROUPS; for RANGE the *bound value itself*, that is
    /// sort key ± offset, computed below the window, of the sort key's type.
    public enum Bound: Sendable, Hashable {
        case unboundedPreceding
        case preceding(ColumnReference)
        case currentRow
        case following(ColumnReference)
        case unboundedFollowing
    }

    public var unit: Unit
    public var start: Bound
    public var end: Bound

    public init(unit: Unit, start: Bound, end: Bound) {
        self.unit = unit
        self.start = start
        self.end = end
    }

    public static let `default` = WindowFrame(unit: .range, start: .unboundedPreceding, end: .currentRow)
}

/// Expands arrays and maps side by side, padding shorter ones with NULL. Output: the input's columns, then the
/// element columns, then the ordinality.
public struct Unnest: Sendable {
    public struct Item: Sendable, Hashable {
        /// An array or map column of the input.
        public var column: ColumnReference
        /// One column for an array, two for a map, one per field for an array of rows.
        public var outputs: [ColumnReference]

        public init(column: ColumnReference, outputs: [ColumnReference]) {
            self.column = column
            self.outputs = outputs
        }
    }

    public var input: LogicalPlan
    public var items: [Item]
    public var ordinality: ColumnReference?
    /// LEFT JOIN UNNEST: a row without elements comes out once with NULLs.
    public var keepsEmpty: Bool
    /// Input columns that come out.
    public var passThrough: [ColumnReference]

    public init(
        input: LogicalPlan, items: [Item], ordinality: ColumnReference? = nil, keepsEmpty: Bool = false,
        passThrough: [ColumnReference]
    ) {
        self.input = input
        self.items = items
        self.ordinality = ordinality
        self.keepsEmpty = keepsEmpty
        self.passThrough = passThrough
    }
}

/// A whole query: the plan, and the names and columns that the client sees, in order.
public struct QueryPlan: Sendable {
    public var plan: LogicalPlan
    public var outputs: [Output]

    public struct Output: Sendable {
        public var name: String
        public var column: ColumnReference

        public init(name: String, column: ColumnReference) {
            self.name = name
            self.column = column
        }
    }

    public init(plan: LogicalPlan, outputs: [Output]) {
        self.plan = plan
        self.outputs = outputs
    }
}

/// Makes column references with ids that are unique in a statement.
public final class ColumnAllocator {
    private var next: Int

    /// The first column gets the id after `last`.
    public init(after last: Int = 0) { next = last }

    public func make(_ name: String, _ type: DataType) -> ColumnReference {
        next += 1
        return ColumnReference(id: next, name: name, type: type)
    }
}
