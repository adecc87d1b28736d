/// The text of the first message in `presence`.
public struct Welcome: Equatable, Sendable {
    /// Bytes of the text.
    public static let maxBytes = 1024
    /// Stands for the name of the user.
    static let username = "{username}"

    /// The text that clients get where no setting has another.
    public static let standard = Welcome(unchecked: "Welcome, \(username)!")

    private let text: String

    private init(unchecked text: String) { self.text = text }

    /// The text in a setting.
    init(_ text: String) throws(SettingError) {
        guard (1...Self.maxBytes).contains(text.utf8.count) else {
            throw SettingError("expected a text of 1 to \(Self.maxBytes) bytes, got one of \(text.utf8.count)")
        }
        self.init(unchecked: text)
    }

    /// The text for a user.
    public func text(for username: String) -> String { text.replacing(Self.username, with: username) }
}
