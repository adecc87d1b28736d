import Glibc
import Node

/// One of the things `fantail` does.
protocol Command {
    /// Its name on the command line.
    static var name: String { get }
    /// One line for the overview.
    static var summary: String { get }
    /// What else there is to say about it.
    static var manual: Manual { get }
    /// Does it; arguments and environment as they came.
    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure)
}

/// Why a command ends: an exit code and one line. 1: it failed; 2: it was called wrongly.
struct CommandFailure: Error {
    let exitCode: Int32
    let message: String

    static func failed(_ message: String) -> CommandFailure { CommandFailure(exitCode: 1, message: message) }
    static func usage(_ message: String) -> CommandFailure { CommandFailure(exitCode: 2, message: message) }
}

/// The process's environment.
enum Environment {
    static var all: [String: String] {
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

extension Command {
    /// Reads a command's settings; prints the help and ends where that was asked for.
    static func read<Target>(
        _ settings: [Setting<Target>], defaults: Target, _ arguments: [String], _ environment: [String: String]
    ) throws(CommandFailure) -> (Target, [String]) {
        var reader = SettingsReader(settings, defaults: defaults)
        do throws(SettingError) {
            switch try reader.read(arguments: arguments, environment: environment) {
            case .settings(let target, let positional): return (target, positional)
            case .help:
                StandardOutput.line(Help.page(Self.self))
                exit(0)
            }
        } catch {
            throw .usage(error.message)
        }
    }
}
