// swift-tools-version: 6.1
import PackageDescription

// Every target is built with the same settings (Sources/Engine/Engine.docc/Decisions/ModuleBorders.md):
// x86-64-v3 on Intel and AMD.
#if arch(x86_64)
let processor = ["-Xcc", "-march=x86-64-v3"]
let cProcessor = ["-march=x86-64-v3"]
#else
let processor: [String] = []
let cProcessor: [String] = []
#endif
let settings: [SwiftSetting] = [.unsafeFlags(processor)]
let forSize: [SwiftSetting] = [.unsafeFlags(["-Osize"], .when(configuration: .release))]

func module(_ name: String, path: String? = nil, cold: Bool = false, _ dependencies: [Target.Dependency]) -> Target {
    .target(
        name: name, dependencies: dependencies, path: path ?? "Sources/\(name)",
        swiftSettings: cold ? settings + forSize : settings)
}

func library(_ name: String, pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, path: "Sources/\(name)", pkgConfig: pkgConfig)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "athena-lite",
    products: [
        .executable(name: "athena-lite", targets: ["athena-lite"]),
        .executable(name: "athena-lite-bench", targets: ["athena-lite-bench"]),
        .executable(name: "athena-lite-fuzz", targets: ["athena-lite-fuzz"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        // System libraries.
        library("CSQLite", pkgConfig: "sqlite3"),
        library("CZstd", pkgConfig: "libzstd"),
        library("CSnappy"),
        library("CLZ4", pkgConfig: "liblz4"),
        library("CDeflate", pkgConfig: "libdeflate"),
        library("CBrotli", pkgConfig: "libbrotlidec"),
        library("CBzip2"),
        library("CZlib", pkgConfig: "zlib"),
        library("CPCRE2", pkgConfig: "libpcre2-8"),
        library("CEdit", pkgConfig: "libedit"),
        // Bit tricks that Swift cannot express, and glibc calls that `import Glibc` hides.
        .target(
            name: "CKernels", path: "Sources/CKernels",
            cSettings: [.unsafeFlags(cProcessor), .define("_GNU_SOURCE")]),
        // Compiled for any processor: says so, before all else, when this one cannot run the rest.
        .target(name: "CProcessorCheck", path: "Sources/CProcessorCheck"),
        // The engine, lowest first: a target imports only targets above it in this list.
        module("SQLTypes", ["CKernels"]),
        module("SQLSyntax", ["SQLTypes", "CKernels"]),
        module("Columnar", ["SQLTypes", "CKernels"]),
        module("Functions", ["SQLTypes", "Columnar", "CKernels", "CPCRE2"]),
        module("Expressions", ["SQLTypes", "Columnar", "Functions", "CKernels"]),
        module(
            "Storage",
            [
                "SQLTypes", "Columnar", "CKernels", "CZstd", "CSnappy", "CLZ4", "CDeflate", "CBrotli", "CBzip2",
                "CZlib",
            ]),
        module("Parquet", path: "Sources/Formats/Parquet", ["SQLTypes", "Columnar", "Storage", "CKernels"]),
        module(
            "DelimitedText", path: "Sources/Formats/DelimitedText", ["SQLTypes", "Columnar", "Storage", "CKernels"]),
        module("JSONLines", path: "Sources/Formats/JSONLines", ["SQLTypes", "Columnar", "Storage", "CKernels"]),
        module("Metastore", cold: true, ["SQLTypes", "Storage", "CSQLite"]),
        module("Crawling", cold: true, ["SQLTypes", "Columnar", "Storage", "Metastore"]),
        module("Planning", cold: true, ["SQLTypes", "SQLSyntax", "Columnar", "Functions", "Expressions", "Storage", "Metastore"]),
        module(
            "Execution",
            ["SQLTypes", "Columnar", "Functions", "Expressions", "Storage", "Metastore", "Planning", "CKernels"]),
        module(
            "Engine",
            [
                "SQLTypes", "SQLSyntax", "Columnar", "Functions", "Expressions", "Storage", "Parquet", "DelimitedText",
                "JSONLines", "Metastore", "Crawling", "Planning", "Execution",
            ]),
        module(
            "FrontEnds",
            [
                "SQLTypes", "SQLSyntax", "Columnar", "Functions", "Metastore", "Crawling", "Planning", "Engine",
                "CEdit",
                "CKernels", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "athena-lite", dependencies: ["FrontEnds", "CKernels", "CProcessorCheck"], path: "Sources/athena-lite",
            swiftSettings: settings),
        .executableTarget(
            name: "athena-lite-bench", dependencies: ["Engine"], path: "Sources/athena-lite-bench",
            swiftSettings: settings),
        // Random sentences of grammar/, for tests and fuzzers.
        module("GrammarModel", []),
        module(
            "Fuzzing",
            [
                "SQLTypes", "SQLSyntax", "Columnar", "Functions", "Storage", "Parquet", "DelimitedText", "JSONLines",
                "Metastore", "Crawling", "Engine", "GrammarModel", "StorageTestSupport",
            ]),
        .executableTarget(
            name: "athena-lite-fuzz", dependencies: ["Fuzzing"], path: "Sources/athena-lite-fuzz",
            swiftSettings: settings),
        tests(
            "ExecutionTests",
            ["SQLTypes", "Columnar", "Functions", "Expressions", "Storage", "Planning", "Execution"]),
        tests("ParquetTests", ["SQLTypes", "Columnar", "Storage", "Parquet"]),
        tests("RepositoryTests", []),
        tests("SQLTests", ["Engine", "Crawling", "Columnar", "Functions", "SQLTypes"]),
        // What tests of file readers share: files in memory, containers, seeded randomness.
        module(
            "StorageTestSupport", path: "Tests/StorageTestSupport",
            ["SQLTypes", "Columnar", "Storage", "CBzip2", "CDeflate", "CLZ4", "CSnappy", "CZstd"]),
        tests("StorageTests", ["Storage", "Columnar", "SQLTypes", "StorageTestSupport"]),
        tests("DelimitedTextTests", ["DelimitedText", "Storage", "SQLTypes", "StorageTestSupport", "CKernels"]),
        tests("JSONLinesTests", ["JSONLines", "Storage", "SQLTypes", "StorageTestSupport"]),
        tests(
            "PlanningTests", ["Planning", "SQLSyntax", "Functions", "Expressions", "Storage", "Metastore", "SQLTypes"]),
        tests("SQLTypesTests", ["SQLTypes"]),
        tests("SQLSyntaxTests", ["SQLTypes", "SQLSyntax", "GrammarModel"]),
        tests("CrawlingTests", ["Crawling", "Metastore", "Engine", "Storage", "Columnar", "SQLTypes"]),
        tests("MetastoreTests", ["Metastore", "Storage", "SQLTypes", "CSQLite"]),
        tests("FunctionsTests", ["SQLTypes", "Columnar", "Functions", "Expressions", "CKernels"]),
        tests("ExpressionsTests", ["SQLTypes", "Columnar", "Functions", "Expressions"]),
        // Drives the built binary.
        tests("FrontEndsTests", ["athena-lite", "SQLTypes"]),
        tests("FuzzingTests", ["Fuzzing"]),
    ],
    swiftLanguageModes: [.v6]
)
