import Columnar
import SQLTypes

/// One overload of an aggregate function.
public struct AggregateFunction: Sendable {
    public var name: String
    public var aliases: [String]
    public var summary: String
    public var signature: Signature
    /// The result does not depend on the order of input rows (ORDER BY inside the call can be dropped).
    public var isOrderInsensitive: Bool
    /// Rows whose first argument is NULL are skipped by the caller (most aggregates).
    public var skipsNulls: Bool
    public var isHidden: Bool
    public var examples: [FunctionExample]
    public var makeKernel: @Sendable (ResolvedSignature) throws -> any AggregateKernel

    public init(
        _ name: String, aliases: [String] = [], _ signature: Signature, summary: String = "",
        isOrderInsensitive: Bool = true, skipsNulls: Bool = true, isHidden: Bool = false,
        examples: [FunctionExample] = [],
        makeKernel: @escaping @Sendable (ResolvedSignature) throws -> any AggregateKernel
    ) {
        self.name = name
        self.aliases = aliases
        self.signature = signature
        self.summary = summary
        self.isOrderInsensitive = isOrderInsensitive
        self.skipsNulls = skipsNulls
        self.isHidden = isHidden
        self.examples = examples
        self.makeKernel = makeKernel
    }
}

/// An aggregate over concrete types. States are fixed-size records that lie inline in hash table rows (aligned to
/// 8); what does not fit (strings, arrays) is reached through a pointer or an unmanaged reference in the state and
/// released by `destroy`.
///
/// `states[i]` belongs to the i-th *wanted* row: `rows.forEach` order. A pointer may occur many times. Every pointer
/// that a kernel is given means the state at `stateOffset` bytes behind it, so that all aggregates of a query share
/// one list of pointers to table rows.
///
/// A kernel is used by one thread at a time; states move between kernels of the same call.
public protocol AggregateKernel: AnyObject {
    var stateOffset: Int { get set }
    var stateByteCount: Int { get }
    /// An empty state is all zero bytes: the caller may clear memory instead of calling `initialize`.
    var startsAsZeros: Bool { get }
    /// False when states are plain bytes and need no `destroy`.
    var ownsMemory: Bool { get }
    /// Makes an empty state at each pointer (states are distinct).
    func initialize(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int)
    /// Adds each wanted row to its state. Rows that are null in the first argument have been left out of `rows`
    /// already when the function `skipsNulls` (further arguments may be null).
    func update(_ states: UnsafePointer<UnsafeMutableRawPointer>, _ arguments: [Vector], _ rows: Rows) throws
    /// Adds all wanted rows to one state (no GROUP BY).
    func updateOne(_ state: UnsafeMutableRawPointer, _ arguments: [Vector], _ rows: Rows) throws
    /// Adds `sources[i]` to `targets[i]`; sources may be left empty (their memory handed over), but stay destroyable.
    func combine(
        _ targets: UnsafePointer<UnsafeMutableRawPointer>, _ sources: UnsafePointer<UnsafeMutableRawPointer>, count: Int
    ) throws
    /// The results of `count` states as a flat vector; states stay valid until `destroy`.
    func finalize(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) throws -> Vector
    /// Releases what states own and leaves them so that a second call does nothing.
    func destroy(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int)
    /// Calls of one argument whose kernels name the same family keep one state: sum(x) and avg(x).
    var stateFamily: String? { get }
    /// Bytes that states hold outside the table rows, as an estimate for the memory budget.
    var heapByteCount: Int { get }
}

extension AggregateKernel {
    public var ownsMemory: Bool { false }
    public var heapByteCount: Int { 0 }
    public var stateFamily: String? { nil }
    public var startsAsZeros: Bool { true }

    public func initialize(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) {
        for index in 0..<count {
            (states[index] + stateOffset).initializeMemory(as: UInt8.self, repeating: 0, count: stateByteCount)
        }
    }

    public func destroy(_ states: UnsafePointer<UnsafeMutableRawPointer>, count: Int) {}
}
