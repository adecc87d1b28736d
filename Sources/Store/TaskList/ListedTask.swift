package import Events

/// A task's place in the list of tasks.
package struct ListedTask: Sendable, Equatable {
    /// The task's id.
    package let id: Identifier
    /// The task's owner.
    package let owner: Identifier?
    /// When the task began, milliseconds since 1970.
    package let startedAt: Int64

    /// The latest time that the score of a sorted set holds exactly.
    static let latest: Int64 = (1 << 53) - 1

    /// A place of these values.
    package init(id: Identifier, owner: Identifier?, startedAt: Int64) {
        (self.id, self.owner, self.startedAt) = (id, owner, startedAt)
    }

    /// The task in the sets: its id, a space, and its owner where it has one. Ids have no spaces.
    var member: String { Self.unownedMember(of: id) + (owner?.text ?? "") }

    /// The member of a task without an owner.
    static func unownedMember(of id: Identifier) -> String { id.text + " " }

    /// The place of a member with this score; nil where it is none.
    package init?(member: some StringProtocol, startedAt: Int64) {
        guard let space = member.firstIndex(of: " "), let id = Identifier(String(member[..<space])) else { return nil }
        let rest = String(member[member.index(after: space)...])
        let owner = Identifier(rest)
        guard owner != nil || rest.isEmpty else { return nil }
        self.init(id: id, owner: owner, startedAt: startedAt)
    }
}

extension ListedTask {
    /// The place as a client names it when it asks for the next page: `<milliseconds>:<member>`.
    package var cursor: String { "\(startedAt):\(member)" }

    /// The place of a ``cursor``; nil for any other text.
    package init?(cursor: String) {
        guard let colon = cursor.firstIndex(of: ":"), let startedAt = Int64(cursor[..<colon]), startedAt >= 0
        else { return nil }
        self.init(member: cursor[cursor.index(after: colon)...], startedAt: startedAt)
    }
}
