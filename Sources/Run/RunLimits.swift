/// Every bound of `fantail run`.
enum RunLimits {
    /// Bytes copied at once.
    static let relayBytes = 64 * 1024
    /// Milliseconds of silence after which a stream is abandoned that another process, a daemon started by the command,
    /// holds open.
    static let lingerMilliseconds: Int32 = 1_000
    /// Milliseconds between two progress events, at least, unless set.
    static let intervalMilliseconds = 500
    /// Milliseconds until the next attempt to publish.
    static let retryMilliseconds = 1_000
    /// Milliseconds that the command's exit may wait until the end is published.
    static let endMilliseconds = 5_000
    /// Milliseconds beyond that until the publishing process is killed.
    static let reporterMilliseconds = 1_000
    /// Milliseconds between two lines without a number, at least: they only show that the command is alive.
    static let signOfLifeMilliseconds = 2_000
}
