/// Reads what a command is told: flag, then environment, then default.
public struct SettingsReader<Target> {
    /// What an argument list asks for.
    public enum Outcome {
        /// The settings, and the arguments that are no flags.
        case settings(Target, positional: [String])
        /// `--help` was given.
        case help
    }

    private let settings: [Setting<Target>]
    private var target: Target
    /// What was given, by flag: the texts of a setting that may be repeated are all there, and where they came from.
    public private(set) var given: [String: (values: [String], source: String)] = [:]
    /// Flags that were given.
    private var flags: Set<String> = []

    /// A reader of `settings`; `defaults` are what it starts from.
    public init(_ settings: [Setting<Target>], defaults: Target) {
        self.settings = settings
        target = defaults
    }

    /// Reads `arguments` over `environment`. Both `--flag value` and `--flag=value` are understood; `--` ends the flags.
    public mutating func read(
        arguments: [String], environment: [String: String]
    ) throws(SettingError) -> Outcome {
        try apply(environment: environment)
        var positional: [String] = []
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
            try apply(flag: argument, arguments: arguments, next: &index)
        }
        return .settings(target, positional: positional)
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
        flag argument: String, arguments: [String], next index: inout Int
    ) throws(SettingError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let setting = settings.first(where: { $0.flag == parts[0] }) else {
            throw SettingError("unknown flag \(parts[0]); --help lists the flags")
        }
        if flags.insert(setting.flag).inserted, let forget = setting.forget {
            forget(&target)
            given[setting.flag] = nil
        }
        if parts.count == 2 { return try apply(setting, value: parts[1], named: setting.flag) }
        guard let placeholder = setting.placeholder else {
            return try apply(setting, value: "true", named: setting.flag)
        }
        guard index < arguments.count else { throw SettingError("\(setting.flag) needs a value: \(placeholder)") }
        index += 1
        try apply(setting, value: arguments[index - 1], named: setting.flag)
    }

    private mutating func apply(
        _ setting: Setting<Target>, value: String, named name: String
    ) throws(SettingError) {
        // A secret that anybody knows is none: `--api-key "$UNSET"` must not open the door.
        guard !setting.isSecret || !value.isEmpty else { throw SettingError("\(name): expected a secret, got nothing") }
        do {
            try setting.apply(&target, value)
        } catch {
            throw SettingError("\(name): \(error.message)")
        }
        let earlier = setting.isRepeatable ? given[setting.flag] : nil
        let source = earlier.map { $0.source == name ? name : "\($0.source), \(name)" } ?? name
        given[setting.flag] = ((earlier?.values ?? []) + [value], source)
    }
}
