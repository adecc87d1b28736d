public import RESP

/// What each Sentinel of a group says, asked once: for `fantail check`.
public struct SentinelSurvey: Sendable, Equatable {
    /// One Sentinel.
    public struct Entry: Sendable, Equatable {
        /// Where it listens.
        public let address: RedisEndpoint.Address
        /// What it says, or why it cannot be asked.
        public let words: String
        /// Whether it says what the Sentinels say together.
        public let agrees: Bool
    }

    /// Where the master is, by what they say together.
    public let master: RedisEndpoint.Address?
    /// Each that the URL names, and those that these have told of.
    public let entries: [Entry]

    package init(_ watch: SentinelWatch) {
        master = watch.master
        entries = watch.sentinels.map {
            Entry(address: $0.address, words: $0.words, agrees: $0.says != nil && $0.says == watch.master)
        }
    }
}
