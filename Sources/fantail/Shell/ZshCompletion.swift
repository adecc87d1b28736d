import Terminal

/// The completions of zsh, by `_arguments`.
enum ZshCompletion {
    static func script(_ commands: [any Command.Type]) -> String {
        """
        #compdef fantail
        # zsh completions of fantail: source <(fantail completion zsh), behind compinit
        _fantail() {
            local -a commands
            commands=(
        \(commands.map { "        " + ShellText.quoted("\($0.name):\($0.summary)") }.joined(separator: "\n"))
            )
            if (( CURRENT == 2 )); then
                _describe command commands
                return
            fi
            local command=$words[2]
            shift words
            (( CURRENT-- ))
            case $command in
        \(commands.map { branch($0, commands) }.joined(separator: "\n"))
            esac
        }
        if [ "$funcstack[1]" = _fantail ]; then _fantail "$@"; else compdef _fantail fantail; fi
        """
    }

    private static func branch(_ command: any Command.Type, _ commands: [any Command.Type]) -> String {
        let manual = command.manual
        let words = ShellText.words(of: manual, commands)
        var arguments = manual.flags.map(argument) + ["'(- *)--help[describe the command]'"]
        if manual.wrapsCommand {
            arguments += ["'1:task:'", "'*::command:_normal'"]
        } else if !words.isEmpty {
            arguments.append(ShellText.quoted("1:word:(\(words.joined(separator: " ")))"))
        }
        return "    \(command.name)) _arguments -S \\\n        " + arguments.joined(separator: " \\\n        ") + " ;;"
    }

    /// `'*--flag=[summary]:VALUE:(words)'`; brackets and colons are zsh's.
    private static func argument(_ flag: Flag) -> String {
        let summary = escaped(flag.summary)
        guard let placeholder = flag.placeholder else { return ShellText.quoted("\(flag.name)[\(summary)]") }
        let values =
            flag.words.isEmpty
            ? (ShellText.takesFile(flag) ? "_files" : " ") : "(\(flag.words.joined(separator: " ")))"
        return ShellText.quoted("*\(flag.name)=[\(summary)]:\(placeholder):\(values)")
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += "[]:\\".contains($1) ? "\\\($1)" : String($1) }
    }
}
