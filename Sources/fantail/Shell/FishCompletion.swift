import Terminal

/// The completions of fish, a line each.
enum FishCompletion {
    static func script(_ commands: [any Command.Type]) -> String {
        var lines = ["# fish completions of fantail", "complete -c fantail -f"]
        for command in commands {
            lines.append(
                "complete -c fantail -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))")
        }
        for command in commands { lines += self.lines(command, commands) }
        return lines.joined(separator: "\n")
    }

    private static func lines(_ command: any Command.Type, _ commands: [any Command.Type]) -> [String] {
        let manual = command.manual
        let words = ShellText.words(of: manual, commands)
        let start = "complete -c fantail -n '__fish_seen_subcommand_from \(command.name)'"
        var lines = manual.flags.map { flag in
            start + " -l \(flag.name.dropFirst(2))" + value(of: flag) + " -d \(quoted(flag.summary))"
        }
        lines.append(start + " -l help -d 'describe the command'")
        if !words.isEmpty { lines.append(start + " -a \(quoted(words.joined(separator: " ")))") }
        if manual.wrapsCommand {
            lines.append(start + " -a '(__fish_complete_subcommand --fcs-skip=3)'")
        }
        return lines
    }

    private static func value(of flag: Flag) -> String {
        guard flag.placeholder != nil else { return "" }
        if !flag.words.isEmpty { return " -x -a \(quoted(flag.words.joined(separator: " ")))" }
        return ShellText.takesFile(flag) ? " -r -F" : " -x"
    }

    /// Fish reads `\'` and `\\` within single quotes.
    private static func quoted(_ text: String) -> String {
        "'" + text.reduce(into: "") { $0 += "'\\".contains($1) ? "\\\($1)" : String($1) } + "'"
    }
}
