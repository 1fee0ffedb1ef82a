import Synchronization

/// A flag that ends a query: set once from any thread, looked at between batches and inside anything that can run
/// over 50 ms.
public final class Cancellation: Sendable {
    private let state = Atomic<UInt8>(0)

    public init() {}

    /// Ends the query with USER_CANCELED (or `reason`). Only the first call counts.
    public func cancel(_ reason: Reason = .user) {
        _ = state.compareExchange(expected: 0, desired: reason.rawValue, ordering: .releasing)
    }

    public var isCancelled: Bool { state.load(ordering: .relaxed) != 0 }

    /// Throws the error that ends the query, if it was cancelled.
    public func check() throws {
        guard let reason = Reason(rawValue: state.load(ordering: .relaxed)) else { return }
        throw reason.error
    }

    public enum Reason: UInt8, Sendable {
        case user = 1, timeout, scanLimit, failedElsewhere

        var error: QueryError {
            switch self {
            case .user: QueryError(.userCanceled, "Query was canceled")
            case .timeout: QueryError(.exceededTimeLimit, "Query exceeded its time limit")
            case .scanLimit: QueryError(.exceededScanLimit, "Bytes scanned limit was exceeded")
            case .failedElsewhere: QueryError(.genericInternalError, "Query failed on another worker")
            }
        }
    }
}
