import Columnar
import Expressions
import Planning
import SQLTypes

/// What one join does, as its build and probe operators see it: which side is which, and what becomes of rows with and
/// without a match.
///
/// | kind | built right | built left |
/// |---|---|---|
/// | inner, cross | pairs | pairs |
/// | left | pairs, unmatched probe rows | pairs, then unmatched build rows |
/// | right | pairs, then unmatched build rows | pairs, unmatched probe rows |
/// | full | pairs, unmatched probe rows, then unmatched build rows | the same |
/// | semi, anti, mark | probe rows | build rows at the end |
struct JoinSpecification: Sendable {
    struct Key: Sendable {
        /// Column positions in the two sides' batches.
        var build: Int
        var probe: Int
        var type: DataType
        var isNullSafe: Bool
    }

    /// What comes out while probing.
    enum ProbeOutput: Sendable {
        case pairs(keepsUnmatched: Bool)
        /// Probe rows with (without) a match.
        case matching
        case notMatching
        /// All probe rows and a boolean.
        case mark
        /// Nothing: build rows come out at the end.
        case nothing
    }

    /// What comes out of the build rows when probing is done.
    enum BuildOutput: Sendable {
        case nothing
        /// With NULLs for the probe side's columns.
        case unmatched
        case matching
        case notMatching
        case mark
    }

    var keys: [Key]
    /// NOT IN's rules hold for the first key; the others only correlate.
    var isNullAware: Bool
    var residual: JoinCondition?
    var probeOutput: ProbeOutput
    var buildOutput: BuildOutput
    var probeTypes: [DataType]
    var buildTypes: [DataType]
    /// Probe columns that come out, then build columns, then the mark.
    var outputProbeColumns: [Int]
    var outputBuildColumns: [Int]
    /// Conditions for the probe side's scans.
    var filters: [JoinKeyFilter] = []

    /// Build columns that must be kept.
    var storedBuildColumns: Set<Int> {
        Set(outputBuildColumns).union(residual?.buildColumns ?? [])
    }

    var marksBuildRows: Bool {
        switch buildOutput {
        case .nothing: false
        case .unmatched, .matching, .notMatching, .mark: true
        }
    }

    /// Probes need not know which rows match a key.
    var asksOnlyExistence: Bool {
        guard residual == nil else { return false }
        switch probeOutput {
        case .matching, .notMatching, .mark: return true
        case .pairs, .nothing: return false
        }
    }

    /// A probe row without a match leaves no trace.
    var dropsUnmatchedProbeRows: Bool {
        switch probeOutput {
        case .pairs(let keepsUnmatched): !keepsUnmatched
        case .matching, .nothing: true
        case .notMatching, .mark: false
        }
    }
}
