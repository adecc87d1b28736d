package import Settings

/// What is said about a command: `--help`, the man page and the shells' completions are made from it.
package struct Manual {
    /// How it is called, behind `fantail`; several where there are several ways.
    package let usage: [String]
    /// Paragraphs that say what the summary does not.
    package var text: [String] = []
    /// Calls to copy, with what they do.
    package var examples: [Example] = []
    /// What it can be told.
    package var flags: [Flag] = []
    /// The words its first argument is one of; empty where it is anything.
    package var words: [String] = []
    /// Whether a command of the system follows `--`.
    package var wrapsCommand = false

    /// What is given; by default there is nothing more to say.
    package init(
        usage: [String], text: [String] = [], examples: [Example] = [], flags: [Flag] = [], words: [String] = [],
        wrapsCommand: Bool = false
    ) {
        self.usage = usage
        self.text = text
        self.examples = examples
        self.flags = flags
        self.words = words
        self.wrapsCommand = wrapsCommand
    }
}

/// A call to copy.
package struct Example {
    /// What it does.
    package let purpose: String
    /// The line to type.
    package let line: String

    package init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// A setting, without what it changes.
package struct Flag {
    package let name: String
    package let environment: [String]
    package let placeholder: String?
    package let summary: String
    package let words: [String]

    package init(_ setting: Setting<some Any>) {
        name = setting.flag
        environment = setting.environment
        placeholder = setting.placeholder
        summary = setting.summary
        words = setting.words
    }

    /// `--port PORT`
    package var head: String { name + (placeholder.map { " " + $0 } ?? "") }

    package static func all(_ settings: [Setting<some Any>]) -> [Flag] {
        settings.filter { !$0.isHidden }.map { Flag($0) }
    }
}
