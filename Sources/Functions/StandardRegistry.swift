import SQLTypes

extension FunctionRegistry {
    /// Every function of athena-lite. A new family is one line here.
    public static let standard = FunctionRegistry(
        scalars: scalarFamilies.flatMap { $0 }, aggregates: aggregateFamilies.flatMap { $0 },
        windows: windowFamilies.flatMap { $0 })

    private static var scalarFamilies: [[ScalarFunction]] {
        [
            ArithmeticOperators.scalars, DecimalOperators.scalars, IntervalOperators.scalars, LikeOperator.scalars,
            SubscriptOperator.scalars, SubqueryOperator.scalars, ArrayOperator.scalars,
            StringFunctions.scalars, StringPieces.scalars, StringPadding.scalars, StringSearching.scalars,
            StringCharacters.scalars, StringMaps.scalars, WordFunctions.scalars,
            ConcatenationFunctions.scalars, RegexpFunctions.scalars, URLFunctions.scalars,
            BinaryFunctions.scalars, BinaryPieces.scalars, DigestFunctions.scalars, SystemFunctions.scalars,
            JSONFunctions.scalars, SQLJSONFunctions.scalars, SQLJSONConstructors.scalars, SketchFunctions.scalars,
            IPFunctions.scalars, TeradataFunctions.scalars,
            ArrayFunctions.scalars, ArrayPieces.scalars, SequenceFunctions.scalars, ZipFunctions.scalars,
            MapFunctions.scalars, MapConstruction.scalars, LambdaFunctions.scalars, LambdaMaps.scalars,
            DateTimeFields.scalars, DateTimeArithmetic.scalars, DateTimeTextFunctions.scalars,
            DateTimeConversions.scalars,
            MathFunctions.scalars, StatisticsFunctions.scalars, BitwiseFunctions.scalars, ComparisonFunctions.scalars,
            ConversionFunctions.scalars,
        ]
    }

    private static var aggregateFamilies: [[AggregateFunction]] { AggregateFamilies.all }

    private static var windowFamilies: [[WindowFunction]] { [WindowFamilies.all] }
}
