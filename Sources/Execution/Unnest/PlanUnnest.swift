import Expressions
import Planning
import SQLTypes

extension PhysicalPlanner {
    func planUnnest(_ node: Unnest, required: Set<ColumnReference>) throws -> Fragment {
        let passThrough = node.passThrough.filter(required.contains)
        let needed = Set(passThrough).union(node.items.map(\.column))
        var fragment = try withoutDynamicFilters(keeping: Set(node.passThrough)) {
            try plan(node.input, required: needed)
        }
        var columns = passThrough
        var items: [UnnestOperator.Item] = []
        for item in node.items {
            var parts: [UnnestOperator.Part] = []
            for (part, output) in zip(Self.parts(of: item), item.outputs) where required.contains(output) {
                parts.append(part)
                columns.append(output)
            }
            items.append(UnnestOperator.Item(input: try fragment.position(of: item.column), parts: parts))
        }
        var hasOrdinality = false
        if let ordinality = node.ordinality, required.contains(ordinality) {
            hasOrdinality = true
            columns.append(ordinality)
        }
        let unnest = UnnestOperator(
            items: items, passThrough: try fragment.positions(of: passThrough), hasOrdinality: hasOrdinality,
            keepsEmpty: node.keepsEmpty)
        append(unnest, to: &fragment, columns: columns)
        return fragment
    }

    /// What an item's outputs are, by the type of its column.
    private static func parts(of item: Unnest.Item) -> [UnnestOperator.Part] {
        switch item.column.type {
        case .map(let key, let value): return [.key(key), .value(value)]
        case .array(.row(let fields)): return fields.enumerated().map { .field($0, $1.type) }
        case .array(let element): return [.element(element)]
        default: return []
        }
    }
}
