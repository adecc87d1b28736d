/// A Redis pub/sub channel, without the configured prefix: `task:video_1`, `user:42`, `everyone`.
public struct ChannelName: Hashable, Sendable {
    /// What a channel is about.
    public enum Kind: String, CaseIterable, Sendable {
        case task, user, team, topic, everyone
    }

    /// What the channel is about.
    public let kind: Kind
    /// The whole name.
    public let text: String
    /// The part after the colon; empty for `everyone`.
    public let id: String

    /// Whether messages go to people rather than tell of a thing: such a channel has no state and no sequence.
    public var isPersonal: Bool {
        switch kind {
        case .user, .team, .everyone: true
        case .task, .topic: false
        }
    }

    private init(_ kind: Kind, _ id: Identifier) {
        self.kind = kind
        self.id = id.text
        text = "\(kind.rawValue):\(id.text)"
    }

    private init(everyone: Void) {
        kind = .everyone
        id = ""
        text = Kind.everyone.rawValue
    }

    /// The channel named `text`; nil when the name is not valid.
    public init?(_ text: String) {
        if text == Kind.everyone.rawValue {
            self.init(everyone: ())
            return
        }
        guard let colon = text.firstIndex(of: ":"),
            let kind = Kind(rawValue: String(text[..<colon])), kind != .everyone,
            let id = Identifier(String(text[text.index(after: colon)...]))
        else { return nil }
        self.init(kind, id)
    }

    /// The events of a task.
    public static func task(_ id: Identifier) -> ChannelName { ChannelName(.task, id) }
    /// The messages to a user.
    public static func user(_ id: Identifier) -> ChannelName { ChannelName(.user, id) }
    /// The messages to a team.
    public static func team(_ id: Identifier) -> ChannelName { ChannelName(.team, id) }
    /// The messages of a topic; `id` holds its name and, encoded, its params.
    public static func topic(_ id: Identifier) -> ChannelName { ChannelName(.topic, id) }
    /// The messages to everyone.
    public static let everyone = ChannelName(everyone: ())

    /// Compares the whole names.
    public static func == (left: ChannelName, right: ChannelName) -> Bool { left.text == right.text }
    /// Hashes the whole name.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

extension ChannelName: CustomStringConvertible {
    /// The whole name.
    public var description: String { text }
}
