import Terminal

/// What the shells' scripts share.
enum ShellText {
    /// A text as one quoted word.
    static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// Whether a flag's value is a file.
    static func takesFile(_ flag: Flag) -> Bool { flag.placeholder == "FILE" || flag.placeholder == "PEM" }
}
