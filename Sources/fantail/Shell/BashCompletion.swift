import Terminal

/// The completions of bash: one function, which needs only bash 4.
enum BashCompletion {
    static func script(_ commands: [any Command.Type]) -> String {
        """
        # bash completions of fantail: source <(fantail completion bash)
        _fantail() {
            local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} flags= words= index
            COMPREPLY=()
            if [ "$COMP_CWORD" -eq 1 ]; then
                COMPREPLY=($(compgen -W '\(commands.map({ $0.name }).joined(separator: " ")) --help' -- "$word"))
                return
            fi
            for ((index = 2; index < COMP_CWORD; index++)); do
                if [ "${COMP_WORDS[index]}" = -- ]; then
                    \(wrapped(commands))
                    return
                fi
            done
            case "$command" in
        \(commands.map { branch($0, commands) }.joined(separator: "\n"))
            *) return ;;
            esac
            if [[ $word == -* ]]; then words="$flags --help"; fi
            COMPREPLY=($(compgen -W "$words" -- "$word"))
        }
        complete -o default -F _fantail fantail
        """
    }

    private static func branch(_ command: any Command.Type, _ commands: [any Command.Type]) -> String {
        let manual = command.manual
        var lines = [
            "    \(command.name))",
            "        flags=\(ShellText.quoted(manual.flags.map(\.name).joined(separator: " ")))",
            "        words=\(ShellText.quoted(ShellText.words(of: manual, commands).joined(separator: " ")))",
        ]
        let valued = manual.flags.filter { $0.placeholder != nil }
        if !valued.isEmpty {
            lines.append("        case \"$before\" in")
            for flag in valued { lines.append("        \(flag.name)) \(values(of: flag)); return ;;") }
            lines.append("        esac")
        }
        return (lines + ["        ;;"]).joined(separator: "\n")
    }

    private static func values(of flag: Flag) -> String {
        if !flag.words.isEmpty {
            return "COMPREPLY=($(compgen -W \(ShellText.quoted(flag.words.joined(separator: " "))) -- \"$word\"))"
        }
        // No completions: a shell cannot know these values, and files would be wrong.
        return ShellText.takesFile(flag) ? "COMPREPLY=($(compgen -f -- \"$word\"))" : "compopt +o default 2>/dev/null"
    }

    /// After `--` a command of the system is completed, then its files.
    private static func wrapped(_ commands: [any Command.Type]) -> String {
        let names = commands.filter { $0.manual.wrapsCommand }.map { $0.name }.joined(separator: "|")
        return """
            case "$command:$before" in
                        \(names):--) COMPREPLY=($(compgen -c -- "$word")) ;;
                        esac
            """
    }
}
