import Columnar
import SQLTypes

/// Words and the forms of text: stems, Unicode's normal forms.
enum WordFunctions {
    static let scalars: [ScalarFunction] = [
        ScalarFunction(
            "word_stem", "(varchar) -> varchar", summary: "The stem of an English word",
            examples: [
                FunctionExample("word_stem('running')", "run"), FunctionExample("word_stem('generously')", "generous"),
                FunctionExample("word_stem(NULL)", "NULL"),
            ]
        ) { signature in
            { call in
                Kernel.mapStrings(call.arguments[0], call.rows, as: signature.result) { bytes, heap in
                    heap.append(EnglishStemmer.stem(Array(bytes)))
                }
            }
        },
        ScalarFunction(
            "word_stem", "(varchar, varchar) -> varchar",
            summary: "The stem of a word of a language: `en` alone so far",
            cannotRaise: false,
            examples: [
                FunctionExample("word_stem('ponies', 'en')", "poni"),
                FunctionExample("word_stem('ponies', 'xx')", "INVALID_FUNCTION_ARGUMENT"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    guard views[1].string(row) == "en" else {
                        throw QueryError(
                            .invalidFunctionArgument, "Unknown stemmer language: \(views[1].string(row))")
                    }
                    return heap.append(EnglishStemmer.stem(views[0].bytes(row)))
                }
            }
        },
        ScalarFunction(
            "normalize", "(varchar, varchar) -> varchar",
            summary: "The text in a normal form of Unicode: NFC, NFD, NFKC or NFKD", cannotRaise: false,
            examples: [
                FunctionExample("length(normalize('é', NFD))", "2"), FunctionExample("normalize('ﬁ', NFKC)", "fi"),
                FunctionExample("normalize('é') = normalize(normalize('é', NFD))", "true"),
                FunctionExample("normalize(NULL)", "NULL"),
            ]
        ) { signature in
            { call in
                try TextDriver.texts(call, as: signature.result, cannotRaise: false) { row, views, heap in
                    let name = views[1].string(row)
                    guard let form = UnicodeForm(rawValue: name) else {
                        throw QueryError(
                            .invalidFunctionArgument, "Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
                    }
                    return views[0].withText(row) { text in
                        CodePoints.isASCII(text) ? heap.append(text) : heap.append(form.normalized(text))
                    }
                }
            }
        },
    ]
}
