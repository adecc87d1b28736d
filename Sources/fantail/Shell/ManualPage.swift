import Settings
import Node
import Terminal

/// The manual page in roff's man macros (man(7)).
enum ManualPage {
    /// When its text was last reviewed.
    private static let date = "2026-11-21"

    static func roff(_ commands: [any Command.Type]) -> String {
        var lines = [
            #".TH FANTAIL 1 \#(date) "fantail \#(escaped(Version.current))" "User Commands""#,
            ".SH NAME", #"fantail \- live task progress in front of everyone who watches"#,
            ".SH SYNOPSIS", ".B fantail", #".I COMMAND"#, "[\\fIFLAGS\\fR]",
            ".SH DESCRIPTION",
        ]
        lines += filled(
            "A worker publishes the progress of its task; every browser, terminal and program that watches the task, "
                + "on any node, gets it within milliseconds. Nodes share nothing but Redis.")
        lines.append(".SH COMMANDS")
        for command in commands { lines += section(command) }
        lines += environment(commands)
        lines += [
            ".SH EXIT STATUS", ".TP", "0", "Success; for watch: all tasks are completed.", ".TP", "1",
            "Failure; for watch: a task has failed.", ".TP", "2", "Wrong usage.", ".TP",
            "124",
            "For watch: timeout.", ".PP",
        ]
        lines += filled(
            "fantail run exits with the code of its command; 128+N where signal N killed the command, 127 where it "
                + "does not exist, 126 where it cannot be started.")
        return lines.joined(separator: "\n")
    }

    private static func section(_ command: any Command.Type) -> [String] {
        let manual = command.manual
        var lines = [".SS \(escaped(command.name))"] + filled(Help.sentence(command.summary))
        for usage in manual.usage { lines += [".PP", ".B \(escaped("fantail " + usage))"] }
        for paragraph in manual.text { lines += [".PP"] + filled(paragraph) }
        for example in manual.examples {
            lines += [".PP"] + filled(Help.sentence(example.purpose).dropLast() + ":")
            lines += [".PP", ".RS 4", ".nf", escaped(example.line), ".fi", ".RE"]
        }
        for flag in manual.flags {
            let value = flag.placeholder.map { " \\fI\(escaped($0))\\fR" } ?? ""
            lines += [".TP", "\\fB\(escaped(flag.name))\\fR\(value)"] + filled(Help.sentence(flag.summary))
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
            [".TP", ".B \(escaped(name))", "Same as \\fB\(escaped(flag))\\fR; the flag takes precedence."]
        }
        return [".SH ENVIRONMENT"] + lines
    }

    /// A paragraph in lines that roff fills again.
    private static func filled(_ paragraph: String) -> [String] { Help.wrapped(paragraph, 72).map { escaped($0) } }

    /// Text that roff shows unchanged: a hyphen is a minus, for copying; a line must not begin as a request.
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
