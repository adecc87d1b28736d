import Settings

/// The output of `--help`.
package enum Help {
    /// Columns of a paragraph.
    private static let columns = 100

    package static func overview(_ commands: [any Command.Type]) -> String {
        let width = commands.map { $0.name.count }.max() ?? 0
        let lines = commands.map { "  " + pad($0.name, width) + "  " + $0.summary }
        return """
            fantail - live task progress in front of everyone who watches

            usage: fantail COMMAND [FLAGS]

            \(lines.joined(separator: "\n"))

            Try it:  fantail serve --dev
                     fantail run video_1 -- ffmpeg -i in.mp4 out.webm
                     fantail watch video_1

            fantail help COMMAND describes a command, with examples; fantail man | man -l - shows the whole manual.
            """
    }

    /// There is no such command.
    package static func unknown(_ name: String, _ commands: [any Command.Type]) -> String {
        "unknown command '\(name)'\(Suggestion.question(name, among: commands.map { $0.name })) fantail --help lists the commands"
    }

    package static func page(_ command: any Command.Type) -> String {
        let manual = command.manual
        var parts = [sentence(command.summary)]
        parts.append(
            manual.usage.enumerated().map { ($0 == 0 ? "usage: " : "       ") + "fantail " + $1 }.joined(
                separator: "\n"))
        parts += manual.text.map { wrapped($0, columns).joined(separator: "\n") }
        if !manual.examples.isEmpty {
            let lines = manual.examples.map { "  # \($0.purpose)\n  \($0.line)" }
            parts.append("Examples:\n" + lines.joined(separator: "\n"))
        }
        if !manual.flags.isEmpty { parts.append("Flags:\n" + flags(manual.flags)) }
        return parts.joined(separator: "\n\n")
    }

    /// A summary as a sentence. A word that is code (`redis://…`) keeps its first letter.
    package static func sentence(_ summary: String) -> String {
        let word = summary.prefix { $0 != " " }
        let isCode = word.contains { !$0.isLetter && !",-'".contains($0) }
        return (isCode ? String(summary.prefix(1)) : summary.prefix(1).uppercased()) + summary.dropFirst() + "."
    }

    private static func flags(_ flags: [Flag]) -> String {
        let width = flags.map(\.head.count).max() ?? 0
        return flags.map { flag in
            "  " + pad(flag.head, width) + "  " + flag.summary + (flag.environment.first.map { "  [\($0)]" } ?? "")
        }.joined(separator: "\n")
    }

    /// Breaks a paragraph into lines.
    package static func wrapped(_ paragraph: String, _ columns: Int) -> [String] {
        var lines: [String] = []
        for word in paragraph.split(separator: " ") {
            if let last = lines.last, last.count + word.count < columns {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }

    package static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
