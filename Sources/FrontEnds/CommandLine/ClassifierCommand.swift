import ArgumentParser
import Crawling
import Engine
import Metastore
import SQLTypes

/// `athena-lite classifier`: custom classifiers, which crawls name with `--classifier`.
struct ClassifierCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classifier", abstract: "Create, list, show and delete custom classifiers.",
        subcommands: [Create.self, List.self, Show.self, Delete.self])

    enum Kind: String, ExpressibleByArgument { case csv, json, grok, xml }

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store a classifier, or replace it.",
            discussion: """
                athena-lite classifier create pipes csv --delimiter '|' --header absent --columns id,name
                athena-lite classifier create items json --path '$.data.items[*]'
                """)
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The classifier's name.") var name: String
        @Argument(help: "csv or json.") var kind: Kind
        @Option(name: .long, help: "csv: one character, or tab.") var delimiter: String?
        @Option(name: .long, help: "csv: one character.") var quote: String?
        @Option(name: .long, help: "csv: present, absent or unknown.") var header = "unknown"
        @Option(name: .long, help: "csv: names of the columns, parted by commas.") var columns = ""
        @Option(name: .long, help: "csv: Hive types of the columns, parted by commas.") var types = ""
        @Flag(name: .customLong("single-column"), help: "csv: take texts of one column.") var singleColumn = false
        @Option(name: .long, help: "csv: OpenCSVSerDe, LazySimpleSerDe or None (by the sample).") var serde = "None"
        @Option(name: .long, help: "json: the path to the records, such as $.items[*].") var path: String?

        func run() throws {
            let classifier: CustomClassifier
            switch kind {
            case .csv:
                if path != nil { throw ValidationError("--path belongs to json classifiers") }
                classifier = .csv(try csvSettings())
            case .json:
                guard let path else { throw ValidationError("a json classifier needs --path") }
                classifier = .json(try JSONClassifierSettings(name: name, path: path))
            case .grok, .xml:
                throw QueryError(
                    .notSupported,
                    "Classifiers of the kind \(kind.rawValue) are not supported, because tables that they would make "
                        + "cannot be read: create a csv or json classifier")
            }
            try options.makeEngine().store.saveClassifier(
                ClassifierRecord(name: name, configuration: classifier.json))
        }

        private func csvSettings() throws -> CSVClassifierSettings {
            var settings = CSVClassifierSettings(name: name)
            settings.delimiter = try delimiter.map { try Self.character($0, "--delimiter") }
            settings.quote = try quote.map { try Self.character($0, "--quote") }
            if let quote = settings.quote, quote == settings.delimiter {
                throw ValidationError("--quote must differ from --delimiter")
            }
            guard let header = CSVClassifierSettings.Header(rawValue: header.uppercased()) else {
                throw ValidationError("--header takes present, absent or unknown")
            }
            settings.header = header
            settings.columns = columns.split(separator: ",").map(String.init)
            settings.types = try Self.types(types)
            guard let serde = CSVClassifierSettings.Serde(rawValue: serde) else {
                throw ValidationError("--serde takes OpenCSVSerDe, LazySimpleSerDe or None")
            }
            settings.serde = serde
            settings.allowsSingleColumn = singleColumn
            return settings
        }

        static func character(_ text: String, _ option: String) throws -> UInt8 {
            if text == "tab" || text == "\\t" { return 9 }
            guard text.utf8.count == 1, let byte = text.utf8.first else {
                throw ValidationError("\(option) takes one ASCII character, or tab")
            }
            return byte
        }

        /// Splits at commas outside brackets; Glue's names (LONG, SHORT) count too.
        private static func types(_ text: String) throws -> [String] {
            var parts: [String] = []
            var depth = 0
            for character in text {
                if "(<".contains(character) { depth += 1 }
                if ")>".contains(character) { depth -= 1 }
                if character == ",", depth == 0 {
                    parts.append("")
                } else {
                    if parts.isEmpty { parts.append("") }
                    parts[parts.count - 1].append(character)
                }
            }
            return try parts.map { part in
                switch part.lowercased() {
                case "long": "bigint"
                case "short": "smallint"
                default: try HiveTypeParser.parse(part).hiveName
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the classifiers.")
        @OptionGroup var options: GlobalOptions

        func run() throws { try CrawlerCommand.say(try options.makeEngine().store.classifiers().map(\.name)) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a classifier's configuration as JSON.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The classifier's name.") var name: String

        func run() throws {
            try CrawlerCommand.say([try ClassifierCommand.existing(name, options.makeEngine()).configuration.text])
        }
    }

    struct Delete: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a classifier; tables that it made stay.")
        @OptionGroup var options: GlobalOptions
        @Argument(help: "The classifier's name.") var name: String

        func run() throws {
            let engine = options.makeEngine()
            _ = try ClassifierCommand.existing(name, engine)
            try engine.store.deleteClassifier(name)
        }
    }

    private static func existing(_ name: String, _ engine: Engine) throws -> ClassifierRecord {
        let known = try engine.store.classifiers()
        if let found = known.first(where: { $0.name == name }) { return found }
        throw QueryError(
            .notFound, "Classifier '\(name)' does not exist" + NearNames.hint(name, among: known.map(\.name)))
    }
}
