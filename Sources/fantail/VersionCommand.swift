import Settings
import Node
import Terminal

/// Prints the version.
enum VersionCommand: Command {
    static let name = "version"
    static let summary = "print the version"

    static var manual: Manual { Manual(usage: ["version"]) }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        _ = try read([Setting<Void>](), defaults: (), arguments, environment)
        StandardOutput.line("fantail \(Version.current)")
    }
}
