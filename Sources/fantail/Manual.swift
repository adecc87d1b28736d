import Node

/// What is said about a command: `--help`, the man page and the shells' completions are made from it.
struct Manual {
    /// How it is called, behind `fantail`; several where there are several ways.
    let usage: [String]
    /// Paragraphs that say what the summary does not.
    var text: [String] = []
    /// Calls to copy, with what they do.
    var examples: [Example] = []
    /// What it can be told.
    var flags: [Flag] = []
    /// The words its first argument is one of; empty where it is anything.
    var words: [String] = []
    /// Whether a command of the system follows `--`.
    var wrapsCommand = false
}

/// A call to copy.
struct Example {
    /// What it does.
    let purpose: String
    /// The line to type.
    let line: String

    init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// A setting, without what it changes.
struct Flag {
    let name: String
    let environment: [String]
    let placeholder: String?
    let summary: String
    let words: [String]

    init(_ setting: Setting<some Any>) {
        name = setting.flag
        environment = setting.environment
        placeholder = setting.placeholder
        summary = setting.summary
        words = setting.words
    }

    /// `--port PORT`
    var head: String { name + (placeholder.map { " " + $0 } ?? "") }

    static func all(_ settings: [Setting<some Any>]) -> [Flag] {
        settings.filter { !$0.isHidden }.map { Flag($0) }
    }
}
