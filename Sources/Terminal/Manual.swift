package import Settings

/// The description of a command, from which `--help`, the man page and the shells' completions are made.
package struct Manual {
    /// Its calls, without `fantail`; several where there are several ways.
    package let usage: [String]
    /// Paragraphs beyond the summary.
    package var text: [String] = []
    /// Examples to copy.
    package var examples: [Example] = []
    /// The flags of the command, in the order of its help.
    package var flags: [Flag] = []
    /// The possible words of its first argument; empty where any is possible.
    package var words: [String] = []
    /// Whether another program's command follows `--`.
    package var wrapsCommand = false
    /// Whether its first argument is one of the commands.
    package var takesCommand = false

    /// A manual of these parts.
    package init(
        usage: [String], text: [String] = [], examples: [Example] = [], flags: [Flag] = [], words: [String] = [],
        wrapsCommand: Bool = false, takesCommand: Bool = false
    ) {
        self.usage = usage
        self.text = text
        self.examples = examples
        self.flags = flags
        self.words = words
        self.wrapsCommand = wrapsCommand
        self.takesCommand = takesCommand
    }
}

/// An example to copy.
package struct Example {
    /// What the line is for, in a few words.
    package let purpose: String
    /// The line to type.
    package let line: String

    package init(_ purpose: String, _ line: String) {
        self.purpose = purpose
        self.line = line
    }
}

/// A setting, without its effect on values.
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
