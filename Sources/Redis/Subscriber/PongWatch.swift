/// Decides when a pub/sub connection is asked for a PONG, and when its silence ends it.
struct PongWatch {
    /// What is to be done.
    enum Action: Equatable {
        /// Send a PING.
        case ping
        /// Give the connection up.
        case giveUp
    }

    private var lastPing: UInt64
    private var isUnanswered = false

    /// Begins to watch.
    init(now: UInt64) { lastPing = now }

    mutating func tick(now: UInt64, lastHeard: UInt64, timing: RedisTiming) -> Action? {
        guard isUnanswered else {
            guard now - lastPing >= timing.subscriberPingMilliseconds else { return nil }
            (lastPing, isUnanswered) = (now, true)
            return .ping
        }
        // A long backlog delays the PONG, not what comes before it: only silence is held against Redis.
        return now - max(lastPing, lastHeard) >= timing.pongMilliseconds ? .giveUp : nil
    }

    /// The PING was answered, be it with an error.
    mutating func didAnswer() { isUnanswered = false }
}
