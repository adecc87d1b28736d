import Settings
import Node
import RESP
import Topology
import Starting
import Terminal

/// Prints the settings in force and tests Redis and the ports, without serving clients.
enum CheckCommand: Command {
    static let name = "check"
    static let summary = "print the settings in force, secrets masked, and test Redis and the ports"

    static var manual: Manual {
        Manual(
            usage: ["check [FLAGS]"],
            text: [
                "The command takes the flags and variables of serve. Exit code 0: a node with these settings would "
                    + "start."
            ],
            examples: [Example("before a deployment", "fantail check --redis redis://redis.internal:6379")],
            flags: Flag.all(NodeSettings.all))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        var reader = SettingsReader(NodeSettings.all, defaults: Configuration())
        let configuration: Configuration
        do throws(SettingError) {
            switch try reader.read(arguments: arguments, environment: environment) {
            case .help:
                return StandardOutput.page(Help.page(Self.self) + "\n")
            case .settings(_, let positional) where !positional.isEmpty:
                throw SettingError("check takes no argument '\(positional[0])'")
            case .settings(let settings, _): configuration = settings
            }
        } catch {
            throw .usage(error.message)
        }
        printSettings(reader, configuration)
        do throws(StartFailure) {
            let report = try NodeCheck.run(configuration)
            describe(report)
            if let failure = report.failure { throw failure }
            try NodeCheck.tryListening(configuration)
        } catch {
            throw CommandFailure(exitCode: error.exitCode, message: error.message)
        }
    }

    private static func printSettings(_ reader: SettingsReader<Configuration>, _ configuration: Configuration) {
        let rows = NodeSettings.all.filter { !$0.isHidden }.map { setting in
            let given = reader.given[setting.flag]
            return (setting.flag, value(of: setting, given?.values, configuration), given?.source ?? "default")
        }
        let widths = (rows.map(\.0.count).max() ?? 0, min(40, rows.map(\.1.count).max() ?? 0))
        for (flag, value, source) in rows {
            StandardOutput.line(Help.pad(flag, widths.0) + "  " + Help.pad(value, widths.1) + "  " + source)
        }
    }

    private static func value(
        of setting: Setting<Configuration>, _ given: [String]?, _ configuration: Configuration
    ) -> String {
        guard let given else {
            if let value = NodeSettings.inForce(setting.flag, configuration) { return value }
            return setting.placeholder == nil ? "false" : setting.defaultText ?? "none"
        }
        // Of Redis' address only the password is a secret.
        if setting.flag == "--redis", let redis = configuration.redis { return redis.description }
        guard !setting.isSecret else { return "***" }
        // A key may be given as PEM text of many lines.
        return given.map { $0.contains(where: \.isNewline) ? "text of \($0.utf8.count) bytes" : $0 }
            .joined(separator: " ")
    }

    private static func describe(_ report: NodeCheck.Report) {
        guard let version = report.version else {
            StandardOutput.line()
            return StandardOutput.line(
                "Redis: none at \(report.redis); serve --dev would start one there")
        }
        let milliseconds = (report.milliseconds * 100).rounded() / 100
        StandardOutput.line()
        StandardOutput.line("Redis: \(version) at \(report.redis), answers in \(milliseconds) ms,")
        for line in report.servers { StandardOutput.line("       " + line) }
        if report.failure == nil {
            let function = report.hasFunction ? "there" : "not there yet; the first node loads it"
            StandardOutput.line("       accepted the scripts and a message; the workers' Function is " + function)
        }
        for line in report.advice { StandardOutput.line("       Note: " + line) }
    }
}
