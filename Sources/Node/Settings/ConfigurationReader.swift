/// Reads a configuration from flags and environment: flag, then environment, then default.
public struct ConfigurationReader {
    /// The configuration read so far; starts as the defaults.
    public private(set) var configuration = Configuration()

    /// What an argument list asks for besides settings.
    public enum Outcome: Sendable {
        /// The settings are complete; what is left are positional arguments.
        case configuration(Configuration, positional: [String])
        /// `--help` was given.
        case help
    }

    /// A reader of `settings`.
    public init(settings: [Setting] = Setting.all) {
        self.settings = settings
    }

    private let settings: [Setting]

    /// Reads `arguments` over `environment`. Both `--flag value` and `--flag=value` are understood; `--` ends the flags.
    public mutating func read(
        arguments: [String], environment: [String: String]
    ) throws(SettingError) -> Outcome {
        try apply(environment: environment)
        var positional: [String] = []
        var seen: Set<String> = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            if argument == "--" {
                positional += arguments[index...]
                break
            }
            if argument == "--help" || argument == "-h" { return .help }
            guard argument.hasPrefix("-"), argument != "-" else {
                positional.append(argument)
                continue
            }
            try apply(flag: argument, arguments: arguments, next: &index, seen: &seen)
        }
        return .configuration(configuration, positional: positional)
    }

    private mutating func apply(environment: [String: String]) throws(SettingError) {
        for setting in settings {
            guard let name = setting.environment.first(where: { environment[$0]?.isEmpty == false }),
                let value = environment[name]
            else { continue }
            try apply(setting, value: value, named: name)
        }
    }

    private mutating func apply(
        flag argument: String, arguments: [String], next index: inout Int, seen: inout Set<String>
    ) throws(SettingError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let setting = settings.first(where: { $0.flag == parts[0] }) else {
            throw SettingError("unknown flag \(parts[0]); --help lists the flags")
        }
        // A repeatable setting given by flag replaces what the environment said, then adds up.
        if seen.insert(setting.flag).inserted, setting.flag == "--allow-origin" { configuration.allowedOrigins = [] }
        if parts.count == 2 {
            try apply(setting, value: parts[1], named: setting.flag)
        } else if setting.placeholder == nil {
            try apply(setting, value: "true", named: setting.flag)
        } else {
            guard index < arguments.count else {
                throw SettingError("\(setting.flag) needs a value: \(setting.placeholder ?? "")")
            }
            index += 1
            try apply(setting, value: arguments[index - 1], named: setting.flag)
        }
    }

    private mutating func apply(_ setting: Setting, value: String, named name: String) throws(SettingError) {
        do {
            try setting.apply(&configuration, value)
        } catch {
            throw SettingError("\(name): \(error.message)")
        }
    }
}
