import Settings
import Node
import Terminal

/// Prints the manual page.
enum ManCommand: CommandAboutCommands {
    static let name = "man"
    static let summary = "print the manual page"

    static var manual: Manual {
        Manual(
            usage: ["man"],
            examples: [
                Example("read it", "fantail man | man -l -"),
                Example("keep it", "fantail man | sudo tee /usr/local/share/man/man1/fantail.1 >/dev/null"),
            ])
    }

    static func run(
        _ arguments: [String], environment: [String: String], commands: [any Command.Type]
    ) throws(CommandFailure) {
        let (_, positional) = try read([Setting<Void>](), defaults: (), arguments, environment)
        guard positional.isEmpty else { throw .usage("man takes no argument '\(positional[0])'") }
        StandardOutput.page(ManualPage.roff(commands) + "\n")
    }
}
