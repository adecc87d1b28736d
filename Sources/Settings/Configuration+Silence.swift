extension Configuration {
    /// Heartbeats that a client may leave unanswered.
    private static let unansweredHeartbeats = 3
    /// A client answers a heartbeat a little later than it was due, so one heartbeat's time would end clients that are
    /// well.
    private static let leastHeartbeats = 2

    /// The node drops a client that is silent for longer, in milliseconds: a WebSocket by its messages and pongs, any
    /// other client by its kernel's acknowledgements.
    public var silenceMilliseconds: UInt64 {
        let most = min(heartbeatMilliseconds * Self.unansweredHeartbeats, connectionTimeoutMilliseconds)
        return UInt64(max(most, heartbeatMilliseconds * Self.leastHeartbeats))
    }
}
