/// Where Redis keeps the messages that a client of `topics` must acknowledge, so that they survive its connection and
/// its node, and which connection may send them again.
///
/// One hash a client: the message's id -> attempts, space, ms of Redis' time when it was first kept, line feed, text;
/// field `@` is the connection that sends them again.
package struct AcknowledgementsKept: Sendable, Equatable {
    /// The client's hash.
    package let key: String
    /// The connection that holds them. Holders are compared as text, and later ones are greater: the newest connection
    /// takes over.
    let holder: String

    /// The messages kept for a user's client, as one of its connections sees them.
    package init(user: String, client: String, holder: String, naming: Naming) {
        key = naming.acknowledgementsKey(user: user, client: client)
        self.holder = holder
    }
}
