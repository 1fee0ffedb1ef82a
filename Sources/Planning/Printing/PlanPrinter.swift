import Expressions
import SQLTypes

/// Prints a logical plan: as text, as JSON, as a Graphviz graph.
///
/// ```
/// Output[columnNames = [n]]
/// │   Layout: [count:bigint]
/// └─ Aggregate
///    │   Layout: [count:bigint]
///    │   count := count(*)
///    └─ TableScan[table = default.t]
///           Layout: []
/// ```
public struct PlanPrinter {
    /// More lines for a node, such as estimates; empty for none.
    public var annotate: @Sendable (LogicalPlan) -> [String]

    public init(annotate: @escaping @Sendable (LogicalPlan) -> [String] = { _ in [] }) {
        self.annotate = annotate
    }

    // MARK: Text

    public func text(_ query: QueryPlan) -> String {
        var lines: [String] = []
        let output = Self.output(query)
        lines.append(output.title)
        lines.append("│   Layout: \(output.layout)")
        lines += output.details.map { "│   \($0)" }
        append(query.plan, prefix: "", isLast: true, to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    /// A plan without the names that clients see.
    public func text(_ plan: LogicalPlan) -> String {
        var lines: [String] = []
        appendNode(plan, first: "", rest: "", to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private func append(_ plan: LogicalPlan, prefix: String, isLast: Bool, to lines: inout [String]) {
        appendNode(plan, first: prefix + (isLast ? "└─ " : "├─ "), rest: prefix + (isLast ? "   " : "│  "), to: &lines)
    }

    private func appendNode(_ plan: LogicalPlan, first: String, rest: String, to lines: inout [String]) {
        let node = PlanNodeText(plan)
        let inputs = plan.inputs
        lines.append(first + node.title)
        let margin = rest + (inputs.isEmpty ? "    " : "│   ")
        lines.append(margin + "Layout: " + PlanNodeText.layout(plan))
        for detail in annotate(plan) + node.details { lines.append(margin + detail) }
        for (index, input) in inputs.enumerated() {
            append(input, prefix: rest, isLast: index == inputs.count - 1, to: &lines)
        }
    }

    private static func output(_ query: QueryPlan) -> (title: String, layout: String, details: [String]) {
        let names = query.outputs.map(\.name).joined(separator: ", ")
        let layout =
            "[" + query.outputs.map { "\($0.column.name):\($0.column.type.displayName)" }.joined(separator: ", ") + "]"
        let details = query.outputs.filter { $0.name != $0.column.name }.map { "\($0.name) := \($0.column.name)" }
        return ("Output[columnNames = [\(names)]]", layout, details)
    }

    // MARK: JSON

    /// Trino's form: one fragment "0" with nested nodes.
    public func json(_ query: QueryPlan) -> String {
        var id = 0
        let names = query.outputs.map(\.name).joined(separator: ", ")
        let root = node(
            id: &id, name: "Output", descriptor: [("columnNames", "[\(names)]")],
            outputs: query.outputs.map { ($0.column.name, $0.column.type) },
            details: Self.output(query).details, children: [query.plan])
        return JSONValue.object([JSONValue.Member("0", root)]).text
    }

    private func node(
        id: inout Int, name: String, descriptor: [(key: String, value: String)],
        outputs: [(name: String, type: DataType)], details: [String], children: [LogicalPlan]
    ) -> JSONValue {
        let own = id
        id += 1
        let columns = outputs.map { output -> JSONValue in
            .object([
                JSONValue.Member("name", .string(output.name)),
                JSONValue.Member("type", .string(output.type.displayName)),
            ])
        }
        var inputs: [JSONValue] = []
        for child in children {
            let text = PlanNodeText(child)
            inputs.append(
                node(
                    id: &id, name: text.name, descriptor: text.descriptor,
                    outputs: child.outputColumns.map { ($0.name, $0.type) },
                    details: annotate(child) + text.details, children: child.inputs))
        }
        return .object([
            JSONValue.Member("id", .string(String(own))),
            JSONValue.Member("name", .string(name)),
            JSONValue.Member(
                "descriptor", .object(descriptor.map { JSONValue.Member($0.key, .string($0.value)) })),
            JSONValue.Member("outputs", .array(columns)),
            JSONValue.Member("details", .array(details.map { .string($0) })),
            JSONValue.Member("children", .array(inputs)),
        ])
    }

    // MARK: Graphviz

    public func graphviz(_ query: QueryPlan) -> String {
        var lines = ["digraph logical_plan {", "subgraph cluster_0 {", "label = \"SINGLE\""]
        var edges: [String] = []
        var id = 1
        let names = query.outputs.map(\.name).joined(separator: ", ")
        lines.append("plannode_1[label=\"{Output|\(Self.escaped(names))}\", style=\"rounded, filled\", shape=record];")
        edges.append("plannode_1 -> plannode_2;")
        graph(query.plan, &id, &lines, &edges)
        lines.append("}")
        return (lines + edges + ["}"]).joined(separator: "\n") + "\n"
    }

    private func graph(_ plan: LogicalPlan, _ id: inout Int, _ lines: inout [String], _ edges: inout [String]) {
        id += 1
        let own = id
        let node = PlanNodeText(plan)
        let details = (node.descriptor.map { "\($0.key) = \($0.value)" } + annotate(plan) + node.details)
            .joined(separator: "\n")
        lines.append(
            "plannode_\(own)[label=\"{\(node.name)|\(Self.escaped(details))}\", style=\"rounded, filled\", shape=record];"
        )
        for input in plan.inputs {
            edges.append("plannode_\(own) -> plannode_\(id + 1);")
            graph(input, &id, &lines, &edges)
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\n": result += "\\n"
            case "\"", "{", "}", "<", ">", "|", "\\": result += "\\\(character)"
            default: result.append(character)
            }
        }
        return result
    }
}
