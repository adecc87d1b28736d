import Bench
import Glibc
import Node
import Run
import Development
import Terminal
import Watch

/// The command `fantail`: finds the subcommand that the arguments name, and runs it.
@main
struct Fantail {
    /// All commands, in the order of the help.
    static var commands: [any Command.Type] {
        [
            ServeCommand.self, RunCommand.self, WatchCommand.self, PublishCommand.self, OnlineCommand.self,
            TokenCommand.self, CheckCommand.self, BenchCommand.self, HelpCommand.self, CompletionCommand.self,
            ManCommand.self, VersionCommand.self,
        ]
    }

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let name = arguments.first, name != "--help", name != "-h" else {
            StandardOutput.page(Help.overview(commands) + "\n")
            exit(arguments.isEmpty ? 2 : 0)
        }
        if name == RedisKeeper.command { RedisKeeper.run() }
        guard let command = commands.first(where: { $0.name == name || name == "--" + $0.name }) else {
            fail(2, Help.unknown(name, commands))
        }
        do throws(CommandFailure) {
            let rest = Array(arguments.dropFirst())
            if let command = command as? any CommandAboutCommands.Type {
                try command.run(rest, environment: Environment.all, commands: commands)
            } else {
                try command.run(rest, environment: Environment.all)
            }
        } catch {
            fail(error.exitCode, error.message)
        }
    }

    private static func fail(_ code: Int32, _ message: String) -> Never {
        StandardError.line(message)
        exit(code)
    }
}
