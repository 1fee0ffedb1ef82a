import SQLTypes

/// Aggregates whose results are arrays, maps or texts of the values.
enum CollectionAggregates {
    static let all: [AggregateFunction] = [
        AggregateFunction(
            "array_agg", "(T) -> array(T)", summary: "Array of all values", isOrderInsensitive: false,
            skipsNulls: false,
            examples: [
                FunctionExample("array_agg(x ORDER BY x DESC) FROM (VALUES 1, 2, NULL) t(x)", "[2, 1, null]"),
                FunctionExample("array_agg(x) FROM (VALUES 1) t(x) WHERE x > 1", "NULL"),
            ]
        ) { signature in
            ObjectKernel {
                ListCollector()
            } finish: {
                ListCollector.arrays($0, signature.result)
            }
        },
        AggregateFunction(
            "set_agg", Signature("(T) -> array(T)", comparable: ["T"]), summary: "Array of the distinct values",
            isOrderInsensitive: false, skipsNulls: false,
            examples: [FunctionExample("array_sort(set_agg(x)) FROM (VALUES 1, 2, 1, NULL) t(x)", "[1, 2, null]")]
        ) { signature in
            ObjectKernel {
                SetCollector(addsElements: false)
            } finish: {
                SetCollector.arrays($0, signature.result)
            }
        },
        AggregateFunction(
            "set_union", Signature("(array(T)) -> array(T)", comparable: ["T"]),
            summary: "Array of the distinct elements of all arrays", isOrderInsensitive: false,
            examples: [
                FunctionExample("array_sort(set_union(x)) FROM (VALUES ARRAY[1, 2], ARRAY[2, 3]) t(x)", "[1, 2, 3]")
            ]
        ) { signature in
            ObjectKernel {
                SetCollector(addsElements: true)
            } finish: {
                SetCollector.arrays($0, signature.result)
            }
        },
        map(
            "map_agg", Signature("(K, V) -> map(K,V)", comparable: ["K"]), .pairs, "Map of keys to values",
            FunctionExample("map_agg(k, v) FROM (VALUES ('a', 1), ('b', 2), (NULL, 3)) t(k, v)", "{a=1, b=2}")),
        map(
            "map_union", Signature("(map(K,V)) -> map(K,V)", comparable: ["K"]), .maps, "Union of all maps",
            FunctionExample(
                "map_union(m) FROM (VALUES MAP(ARRAY[1], ARRAY[2]), MAP(ARRAY[3], ARRAY[4])) t(m)", "{1=2, 3=4}")),
        map(
            "multimap_agg", Signature("(K, V) -> map(K,array(V))", comparable: ["K"]), .lists,
            "Map of keys to arrays of values",
            FunctionExample(
                "multimap_agg(k, v) FROM (VALUES ('a', 1), ('b', 2), ('a', 3)) t(k, v)", "{a=[1, 3], b=[2]}")),
        map(
            "histogram", Signature("(K) -> map(K,bigint)", comparable: ["K"]), .counts, "Map of values to their counts",
            FunctionExample("histogram(x) FROM (VALUES 'a', 'b', 'a', NULL) t(x)", "{a=2, b=1}")),
        AggregateFunction(
            "listagg", "(varchar, varchar, boolean, varchar, boolean) -> varchar",
            summary: "Values joined by a separator; a result beyond 1 MiB fails or is cut",
            isOrderInsensitive: false,
            examples: [
                FunctionExample("listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM (VALUES 'b', 'a', NULL) t(x)", "a,b"),
                FunctionExample(
                    "length(listagg(x, ',' ON OVERFLOW TRUNCATE '..' WITH COUNT) WITHIN GROUP (ORDER BY x)) FROM (VALUES lpad('a', 1048570, 'a'), 'bcdefgh') t(x)",
                    "1048576"),
                FunctionExample(
                    "listagg(x) WITHIN GROUP (ORDER BY x) FROM (VALUES lpad('a', 1048576, 'a'), 'b') t(x)",
                    "EXCEEDED_FUNCTION_MEMORY_LIMIT"),
            ]
        ) { signature in
            ObjectKernel {
                TextCollector()
            } finish: {
                TextCollector.texts($0, signature.result)
            }
        },
        AggregateFunction(
            "reduce_agg", "(T, S, function(S,T,S), function(S,S,S)) -> S", summary: "Folds all values with a lambda",
            isOrderInsensitive: false,
            examples: [
                FunctionExample("reduce_agg(x, 0, (s, x) -> s + x, (s, t) -> s + t) FROM (VALUES 1, 2, NULL) t(x)", "3")
            ]
        ) { ReduceKernel($0.result) },
    ]

    private static func map(
        _ name: String, _ signature: Signature, _ kind: MapCollector.Kind, _ summary: String,
        _ example: FunctionExample
    ) -> AggregateFunction {
        AggregateFunction(name, signature, summary: summary, isOrderInsensitive: false, examples: [example]) {
            signature in
            ObjectKernel {
                MapCollector(kind)
            } finish: {
                MapCollector.maps($0, signature.result)
            }
        }
    }
}
