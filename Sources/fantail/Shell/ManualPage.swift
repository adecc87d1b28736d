import Node

/// The manual page as roff's man macros have it (man(7)).
enum ManualPage {
    static func roff(_ commands: [any Command.Type]) -> String {
        var lines = [
            #".TH FANTAIL 1 "" "fantail \#(escaped(Version.current))" "User Commands""#,
            ".SH NAME", #"fantail \- live task progress in front of everyone who watches"#,
            ".SH SYNOPSIS", ".B fantail", #".I COMMAND"#, "[\\fIFLAGS\\fR]",
            ".SH DESCRIPTION",
            escaped(
                "A worker publishes how far its task is; every browser, terminal and program that watches it, on every node, has "
                    + "it within milliseconds. Nodes share nothing but Redis."),
            ".SH COMMANDS",
        ]
        for command in commands { lines += section(command) }
        lines += environment(commands)
        lines += [
            ".SH EXIT STATUS", ".TP", "0", "It was done; for watch: all tasks are completed.", ".TP", "1",
            "It failed while running; for watch: a task has failed.", ".TP", "2", "It was called wrongly.", ".TP",
            "124",
            "For watch: the time was up.",
            ".PP",
            escaped(
                "fantail run ends as its command does; 128+N where signal N killed it, 127 where there is no such "
                    + "command, 126 where it cannot be started."),
        ]
        return lines.joined(separator: "\n")
    }

    private static func section(_ command: any Command.Type) -> [String] {
        let manual = command.manual
        var lines = [".SS \(escaped(command.name))", escaped(Help.sentence(command.summary))]
        for usage in manual.usage { lines += [".PP", ".B \(escaped("fantail " + usage))"] }
        for paragraph in manual.text { lines += [".PP", escaped(paragraph)] }
        for example in manual.examples {
            lines += [".PP", escaped(Help.sentence(example.purpose).dropLast() + ":"), ".PP", ".nf"]
            lines += [".RS 4", escaped(example.line), ".RE", ".fi"]
        }
        for flag in manual.flags {
            let value = flag.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
            lines += [".TP", "\\fB\(escaped(flag.name))\\fR\(value)", escaped(Help.sentence(flag.summary))]
        }
        return lines
    }

    /// Every variable once, with the flags it stands for.
    private static func environment(_ commands: [any Command.Type]) -> [String] {
        var flags: [String: String] = [:]
        for flag in commands.flatMap({ $0.manual.flags }) {
            for name in flag.environment { flags[name] = flag.name }
        }
        let lines = flags.sorted { $0.key < $1.key }.flatMap { name, flag in
            [".TP", ".B \(escaped(name))", "As \\fB\(escaped(flag))\\fR, which wins over it."]
        }
        return [".SH ENVIRONMENT"] + lines
    }

    /// Text that roff shows as it is: a hyphen is a minus, for copying; a line must not begin as a request.
    private static func escaped(_ text: some StringProtocol) -> String {
        let plain = text.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "'": result += "\\(aq"
            case "`": result += "\\(ga"
            case "…": result += "..."
            case "~": result += "\\(ti"
            case "^": result += "\\(ha"
            default: result.append(character)
            }
        }
        return plain.hasPrefix(".") ? "\\&" + plain : plain
    }
}
