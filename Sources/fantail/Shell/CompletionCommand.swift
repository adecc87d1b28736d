import Settings
import Node
import Terminal

/// Prints a shell's completions for `fantail`.
enum CompletionCommand: CommandAboutCommands {
    static let name = "completion"
    static let summary = "print the completions for bash, zsh or fish"

    static var manual: Manual {
        Manual(
            usage: ["completion bash|zsh|fish"],
            examples: [
                Example("bash, in ~/.bashrc", "source <(fantail completion bash)"),
                Example("zsh, after compinit in ~/.zshrc", "source <(fantail completion zsh)"),
                Example("fish", "fantail completion fish > ~/.config/fish/completions/fantail.fish"),
            ],
            words: ["bash", "zsh", "fish"])
    }

    static func run(
        _ arguments: [String], environment: [String: String], commands: [any Command.Type]
    ) throws(CommandFailure) {
        let (_, positional) = try read([Setting<Void>](), defaults: (), arguments, environment)
        switch positional {
        case ["bash"]: StandardOutput.page(BashCompletion.script(commands) + "\n")
        case ["zsh"]: StandardOutput.page(ZshCompletion.script(commands) + "\n")
        case ["fish"]: StandardOutput.page(FishCompletion.script(commands) + "\n")
        default: throw .usage("expected a shell: fantail completion bash, zsh or fish")
        }
    }
}
