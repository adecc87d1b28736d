import Terminal

/// What the shells' scripts share.
enum ShellText {
    /// A text as one quoted word.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// The possible words of a command's first argument.
    static func words(of manual: Manual, _ commands: [any Command.Type]) -> [String] {
        manual.takesCommand ? commands.map { $0.name } : manual.words
    }

    /// Whether a flag's value is a file.
    static func takesFile(_ flag: Flag) -> Bool { flag.placeholder == "FILE" || flag.placeholder == "PEM" }
}
