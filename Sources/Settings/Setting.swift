/// One setting of a command: by flag, then by environment, then its default.
public struct Setting<Target>: Sendable {
    /// The flag, `--port`.
    public let flag: String
    /// Environment variables; the first that is set wins.
    public let environment: [String]
    /// The placeholder of the value in the help; nil for a flag without a value.
    public let placeholder: String?
    /// One line of help.
    public let summary: String
    /// Whether the value must never be printed.
    public let isSecret: Bool
    /// Whether the help hides the setting: it is for this project's own tests.
    public let isHidden: Bool
    /// Whether the setting may repeat, each value adding to the values before.
    public let isRepeatable: Bool
    /// The default: the text in parentheses at the end of the help line; nil where there is none.
    public var defaultText: String? {
        guard summary.last == ")", let open = summary.lastIndex(of: "(") else { return nil }
        return String(summary[summary.index(after: open)...].dropLast())
    }

    /// The possible values, for a shell to complete; empty where any value is possible.
    public let words: [String]
    /// For a setting that names a file with a secret: the flag of the secret.
    public let heldFlag: String?
    /// The flag of the value: the setting's own, or that of the secret in the file.
    public var subject: String { heldFlag ?? flag }

    let apply: @Sendable (inout Target, String) throws(SettingError) -> Void
    /// For a repeatable setting whose flags replace the values of the environment: clears those values before the first
    /// flag is applied.
    let forget: (@Sendable (inout Target) -> Void)?

    /// A setting that `apply` writes into the target.
    public init(
        _ flag: String, _ environment: [String], _ placeholder: String?, _ summary: String, isSecret: Bool = false,
        isHidden: Bool = false,
        isRepeatable: Bool = false, words: [String] = [], heldFlag: String? = nil,
        forget: (@Sendable (inout Target) -> Void)? = nil,
        apply: @escaping @Sendable (inout Target, String) throws(SettingError) -> Void
    ) {
        self.flag = flag
        self.environment = environment
        self.placeholder = placeholder
        self.summary = summary
        self.isSecret = isSecret
        self.isHidden = isHidden
        self.isRepeatable = isRepeatable
        self.words = words
        self.heldFlag = heldFlag
        self.apply = apply
        self.forget = forget
    }

    /// The same setting with another effect in addition.
    public func also(_ more: @escaping @Sendable (inout Target) -> Void) -> Setting<Target> {
        Setting(
            flag, environment, placeholder, summary, isSecret: isSecret, isHidden: isHidden, isRepeatable: isRepeatable,
            words: words, heldFlag: heldFlag, forget: forget
        ) { (target, text) throws(SettingError) in
            try apply(&target, text)
            more(&target)
        }
    }

    /// The same setting with another line of help.
    public func described(_ summary: String) -> Setting<Target> {
        Setting(
            flag, environment, placeholder, summary, isSecret: isSecret, isHidden: isHidden, isRepeatable: isRepeatable,
            words: words, heldFlag: heldFlag, forget: forget, apply: apply)
    }

    /// The same setting, which no environment variable gives.
    public func byFlagOnly() -> Setting<Target> {
        Setting(
            flag, [], placeholder, summary, isSecret: isSecret, isHidden: isHidden, isRepeatable: isRepeatable,
            words: words, heldFlag: heldFlag, forget: forget, apply: apply)
    }

    /// The same setting of a larger target.
    public func inside<Larger>(_ path: any WritableKeyPath<Larger, Target> & Sendable) -> Setting<Larger> {
        var forgetInside: (@Sendable (inout Larger) -> Void)?
        if let forget { forgetInside = { (larger: inout Larger) in forget(&larger[keyPath: path]) } }
        return Setting<Larger>(
            flag, environment, placeholder, summary, isSecret: isSecret, isHidden: isHidden, isRepeatable: isRepeatable,
            words: words, heldFlag: heldFlag, forget: forgetInside
        ) {
            (larger, text) throws(SettingError) in try apply(&larger[keyPath: path], text)
        }
    }
}

/// An unusable setting. The command ends with 2 and this one line.
public struct SettingError: Error, Equatable, Sendable {
    /// The expected value and the given one.
    public let message: String

    /// An error with one line of text.
    public init(_ message: String) { self.message = message }
}
