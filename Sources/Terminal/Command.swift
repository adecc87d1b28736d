import Glibc

/// One of `fantail`'s commands.
package protocol Command {
    /// Its name on the command line.
    static var name: String { get }
    /// One line for the overview.
    static var summary: String { get }
    /// Everything else about it.
    static var manual: Manual { get }
    /// Runs it with unchanged arguments and environment.
    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure)
}

/// A command about the others, which gets all of them.
package protocol CommandAboutCommands: Command {
    /// Runs it.
    static func run(_ arguments: [String], environment: [String: String], commands: [any Command.Type])
        throws(CommandFailure)
}

extension CommandAboutCommands {
    /// Runs it without any other commands.
    package static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        try run(arguments, environment: environment, commands: [])
    }
}

/// Why a command ends: an exit code and one line. 1: it failed; 2: it was called wrongly.
package struct CommandFailure: Error {
    package let exitCode: Int32
    package let message: String

    /// Ends with `exitCode`, after printing `message`.
    package init(exitCode: Int32, message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    package static func failed(_ message: String) -> CommandFailure { CommandFailure(exitCode: 1, message: message) }
    package static func usage(_ message: String) -> CommandFailure { CommandFailure(exitCode: 2, message: message) }
}

/// The process's environment.
package enum Environment {
    package static var all: [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return result
    }
}
