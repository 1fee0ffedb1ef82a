import Columnar
import Expressions
import Functions
import Planning
import SQLTypes

/// A window node over the columns of its input's batches.
struct WindowSpecification: Sendable {
    struct Order: Sendable {
        var column: Int
        var isAscending: Bool
        var nullsFirst: Bool
    }

    enum Argument: Sendable {
        case column(Int)
        case constant(Value, DataType)
    }

    enum Bound: Sendable {
        case unboundedPreceding
        /// ROWS and GROUPS: an offset; RANGE: the value of the bound itself.
        case preceding(Int)
        case currentRow
        case following(Int)
        case unboundedFollowing
    }

    struct Frame: Sendable {
        var unit: WindowFrame.Unit
        var start: Bound
        var end: Bound
    }

    struct Call: Sendable {
        var function: WindowCall.Function
        var signature: ResolvedSignature
        var arguments: [Argument]
        var filter: Int?
        var ignoresNulls: Bool
        var frame: Frame
    }

    var partitionBy: [Int]
    var orderBy: [Order]
    var calls: [Call]
    /// Types of the input's columns.
    var types: [DataType]
    /// Input columns that come out.
    var passThrough: [Int]
}
