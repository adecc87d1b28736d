public import RESP

/// The answer of each Sentinel of a group, asked once: for `fantail check`.
public struct SentinelSurvey: Sendable, Equatable {
    /// One Sentinel.
    public struct Entry: Sendable, Equatable {
        /// The Sentinel's address.
        public let address: RedisEndpoint.Address
        /// The Sentinel's answer, or why the survey cannot ask it.
        public let words: String
        /// Whether the Sentinel agrees with the Sentinels' common answer.
        public let agrees: Bool
    }

    /// The master's address by the Sentinels' common answer.
    public let master: RedisEndpoint.Address?
    /// The Sentinels that the URL names, and the Sentinels that these name.
    public let entries: [Entry]

    package init(_ watch: SentinelWatch) {
        master = watch.master
        entries = watch.sentinels.map {
            Entry(address: $0.address, words: $0.words, agrees: $0.says != nil && $0.says == watch.master)
        }
    }
}
