import Settings
import Terminal

/// Describes a command, as its `--help` does.
enum HelpCommand: CommandAboutCommands {
    static let name = "help"
    static let summary = "describe a command"

    static var manual: Manual {
        Manual(
            usage: ["help [COMMAND]"],
            examples: [Example("everything about watch", "fantail help watch")],
            takesCommand: true)
    }

    static func run(
        _ arguments: [String], environment: [String: String], commands: [any Command.Type]
    ) throws(CommandFailure) {
        let (_, names) = try read([Setting<Void>](), defaults: (), arguments, environment)
        guard let name = names.first else { return StandardOutput.page(Help.overview(commands) + "\n") }
        guard names.count == 1 else { throw .usage("expected one command: fantail help watch") }
        guard let command = commands.first(where: { $0.name == name }) else {
            throw .usage(Help.unknown(name, commands))
        }
        StandardOutput.page(Help.page(command) + "\n")
    }
}
