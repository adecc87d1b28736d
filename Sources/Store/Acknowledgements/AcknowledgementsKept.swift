/// Where the messages are kept that a client of `topics` has to acknowledge, so that they survive its connection and its
/// node, and who may send them again.
///
/// One hash a client: the message's id -> attempts, space, ms of Redis' time it was first kept at, line feed, text; field
/// `@` is the connection that sends them again.
package struct AcknowledgementsKept: Sendable, Equatable {
    /// The client's hash.
    package let key: String
    /// The connection that holds them. Holders are compared as text, later ones are greater: the newest connection has
    /// taken over.
    let holder: String

    /// What is kept of a user's client, as a connection of it sees that.
    package init(user: String, client: String, holder: String, naming: Naming) {
        key = naming.acknowledgementsKey(user: user, client: client)
        self.holder = holder
    }
}
