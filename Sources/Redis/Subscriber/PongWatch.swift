/// Decides when a pub/sub connection sends a PING, and when silence ends the connection.
struct PongWatch {
    /// An action of the connection.
    enum Action: Equatable {
        /// Send a PING.
        case ping
        /// Give the connection up.
        case giveUp
    }

    private var lastPing: UInt64
    private var isUnanswered = false

    /// Starts to watch.
    init(now: UInt64) { lastPing = now }

    mutating func tick(now: UInt64, lastHeard: UInt64, timing: RedisTiming) -> Action? {
        guard isUnanswered else {
            guard now - lastPing >= timing.subscriberPingMilliseconds else { return nil }
            (lastPing, isUnanswered) = (now, true)
            return .ping
        }
        // A long backlog delays the PONG, not the bytes before it: only silence counts against Redis.
        return now - max(lastPing, lastHeard) >= timing.pongMilliseconds ? .giveUp : nil
    }

    /// Redis answered the PING, perhaps with an error.
    mutating func didAnswer() { isUnanswered = false }
}
