import Foundation
import SQLTypes

/// The athena-lite binary that was built beside these tests.
final class Program {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    private let process: Process
    private let output = Pipe()
    private let errors = Pipe()

    private static var binary: String {
        let bundle = CommandLine.arguments[0]
        var folder = bundle[..<(bundle.lastIndex(of: "/") ?? bundle.startIndex)]
        while !folder.isEmpty, access(folder + "/athena-lite", X_OK) != 0 || folder.hasSuffix(".xctest") {
            folder = folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)]
        }
        return folder + "/athena-lite"
    }

    private init(_ arguments: [String], asNobody: Bool) throws {
        process = Process()
        if asNobody {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments =
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Self.binary] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: Self.binary)
            process.arguments = arguments
        }
        process.environment = ["HOME": "/tmp", "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    static func start(_ arguments: [String], asNobody: Bool = false) throws -> Program {
        try Program(arguments, asNobody: asNobody)
    }

    static func run(_ arguments: [String], asNobody: Bool = false) throws -> Result {
        try start(arguments, asNobody: asNobody).wait()
    }

    func wait() -> Result {
        // The texts are short: neither pipe fills.
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self),
            errors: String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self))
    }

    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
