// athena-lite-fuzz NAME [--seed N] [--seconds N] [--keep FILE] [FILE...]

var seed: UInt64 = 1
var seconds = 60
var keep: String?
var names: [String] = []
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
    switch argument {
    case "--seed": seed = arguments.popFirst().flatMap { UInt64($0) } ?? seed
    case "--seconds": seconds = arguments.popFirst().flatMap { Int($0) } ?? seconds
    case "--keep": keep = arguments.popFirst()
    default: names.append(argument)
    }
}
switch names.first {
case "parquet": try ParquetFuzzer(seed: seed, seconds: seconds, keep: keep).run(Array(names.dropFirst()))
default: print("athena-lite-fuzz parquet [--seed N] [--seconds N] [--keep FILE] FILE...")
}
