import SQLTypes
import Storage

/// A condition on one column that becomes known while the query runs: the keys of a join's build side, the threshold
/// of a top-N. Scans that read the column apply it before they decode their other columns.
///
/// Whoever filters rows through it filters them again itself: leaving rows in is always right.
public protocol DynamicColumnFilter: AnyObject, Sendable {
    /// What the column must lie in, as of now; `.all` while nothing is known.
    var domain: Domain { get }
    /// A scan will apply it: what nobody uses need not be made.
    func willBeUsed()
    /// Selects rows of one vector. Made when a reader is opened, that is after the build side is complete.
    func makeEvaluator() throws -> any ScanFilterEvaluator
}

extension DynamicColumnFilter {
    public func willBeUsed() {}
}

/// A dynamic filter as scans see it.
final class DynamicScanFilter: ScanFilter {
    let columns: [Int]
    private let filter: any DynamicColumnFilter

    init(_ filter: any DynamicColumnFilter, column: Int) {
        self.filter = filter
        columns = [column]
        filter.willBeUsed()
    }

    func domain(of column: Int) -> Domain { filter.domain }
    var cannotRaise: Bool { true }
    func makeEvaluator() throws -> any ScanFilterEvaluator { try filter.makeEvaluator() }
}
