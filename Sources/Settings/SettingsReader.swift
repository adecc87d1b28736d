/// Reads a command's settings: flag, then environment, then default.
public struct SettingsReader<Target> {
    /// The request in an argument list.
    public enum Outcome {
        /// The settings, and the arguments that are not flags.
        case settings(Target, positional: [String])
        /// `--help` was given.
        case help
    }

    private let settings: [Setting<Target>]
    private var target: Target
    /// The given settings, by flag: all texts of a repeatable setting, and their sources.
    public private(set) var given: [String: (values: [String], source: String)] = [:]

    /// One use of a setting: its value, and the flag or variable that gave it.
    private typealias Giving = (setting: Setting<Target>, value: String, name: String)

    /// A reader of `settings` that starts from `defaults`.
    public init(_ settings: [Setting<Target>], defaults: Target) {
        self.settings = settings
        target = defaults
    }

    /// Reads `arguments` over `environment`. Accepts `--flag value` and `--flag=value`; `--` ends the flags.
    public mutating func read(
        arguments: [String], environment: [String: String]
    ) throws(SettingError) -> Outcome {
        var flags: [Giving] = []
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
            flags.append(try giving(flag: argument, arguments: arguments, next: &index))
        }
        try apply(variables: try variables(environment, besides: flags), flags: flags)
        return .settings(target, positional: positional)
    }

    /// The settings in the environment. A flag overrides its variable, unless both count.
    private func variables(_ environment: [String: String], besides flags: [Giving]) throws(SettingError) -> [Giving] {
        let replaced = Set(flags.filter { !$0.setting.isRepeatable }.map(\.setting.subject))
        var variables: [Giving] = []
        for setting in settings where !replaced.contains(setting.subject) {
            guard let name = setting.environment.first(where: { environment[$0]?.isEmpty == false }),
                let value = environment[name]
            else { continue }
            variables.append((setting, value, name))
        }
        return variables
    }

    private func giving(
        flag argument: String, arguments: [String], next index: inout Int
    ) throws(SettingError) -> Giving {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let setting = settings.first(where: { $0.flag == parts[0] }) else {
            let question = Suggestion.question(
                parts[0], among: settings.filter { !$0.isHidden }.map(\.flag))
            throw SettingError("unknown flag \(parts[0])\(question) --help lists the flags")
        }
        if parts.count == 2 { return (setting, parts[1], setting.flag) }
        guard let placeholder = setting.placeholder else { return (setting, "true", setting.flag) }
        guard index < arguments.count else { throw SettingError("\(setting.flag) needs a value: \(placeholder)") }
        index += 1
        return (setting, arguments[index - 1], setting.flag)
    }

    private mutating func apply(variables: [Giving], flags: [Giving]) throws(SettingError) {
        try refuseSecretsGivenTwice(variables)
        try refuseSecretsGivenTwice(flags)
        for giving in variables { try apply(giving) }
        var forgotten: Set<String> = []
        for giving in flags {
            let flag = giving.setting.flag
            if let forget = giving.setting.forget, forgotten.insert(flag).inserted {
                forget(&target)
                given[flag] = nil
            }
            try apply(giving)
        }
    }

    /// Refuses a secret together with a file for it: the operator may have meant either.
    private func refuseSecretsGivenTwice(_ givings: [Giving]) throws(SettingError) {
        for file in givings {
            guard let held = file.setting.heldFlag, let secret = givings.first(where: { $0.setting.flag == held })
            else {
                continue
            }
            throw SettingError("\(secret.name) and \(file.name) are both set; expected one of them")
        }
    }

    private mutating func apply(_ giving: Giving) throws(SettingError) {
        let (setting, given, name) = giving
        let value = setting.isSecret ? SettingValue.secret(given) : given
        // An empty secret protects nothing: `--api-key "$UNSET"` must not open the door.
        guard !setting.isSecret || !value.isEmpty else {
            throw SettingError("\(name): expected a secret, got an empty value")
        }
        do {
            try setting.apply(&target, value)
        } catch {
            throw SettingError("\(name): \(error.message)")
        }
        recordSource(of: setting, value, name)
    }

    /// Records the value and its source, also for the secret that a file has given.
    private mutating func recordSource(of setting: Setting<Target>, _ value: String, _ name: String) {
        let earlier = setting.isRepeatable ? given[setting.flag] : nil
        let source = earlier.map { $0.source == name ? name : "\($0.source), \(name)" } ?? name
        given[setting.flag] = ((earlier?.values ?? []) + [value], source)
        if let held = setting.heldFlag { given[held] = ([value], name) }
    }
}
