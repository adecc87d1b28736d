/// Replies that wait because their connection cannot take them yet: states and replays, each of which may be large. The
/// connection begins the next one when it has taken most of what was sent before, so that its outbox does not overflow.
package struct RepliesInTurn {
    private var waiting: [() -> Void] = []
    private var first: Int32 = 0
    /// Whether a replay is being read for the connection. The connection then counts as behind.
    package var isReplaying = false

    /// Whether nothing waits.
    package var isEmpty: Bool { count == 0 }
    /// How many wait.
    package var count: Int { waiting.count - Int(first) }

    /// Adds a reply behind the others.
    package mutating func append(_ reply: @escaping () -> Void) { waiting.append(reply) }

    /// Takes out the oldest reply.
    package mutating func next() -> (() -> Void)? {
        guard !isEmpty else { return nil }
        defer {
            first += 1
            if isEmpty { (waiting, first) = ([], 0) }
        }
        return waiting[Int(first)]
    }
}
