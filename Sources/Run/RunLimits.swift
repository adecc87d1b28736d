/// Every bound of `fantail run`.
enum RunLimits {
    /// Bytes passed on at once.
    static let relayBytes = 64 * 1024
    /// Milliseconds of silence after which a stream is left that the command has left open to somebody else, a daemon
    /// that it has started.
    static let lingerMilliseconds: Int32 = 1_000
    /// Milliseconds between two progress events at the least, where nothing else is said.
    static let intervalMilliseconds = 500
    /// Milliseconds until what was not published is tried again.
    static let retryMilliseconds = 1_000
    /// Milliseconds that the command's exit may wait for its end to be published.
    static let endMilliseconds = 5_000
    /// Milliseconds beyond that until the process that publishes is ended.
    static let reporterMilliseconds = 1_000
    /// Milliseconds for one attempt to publish.
    static let attemptMilliseconds = 4_000
}
