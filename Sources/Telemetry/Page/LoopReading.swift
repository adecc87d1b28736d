package import Hub

/// One loop's numbers for the metrics.
package struct LoopReading: Sendable {
    let following: FollowingCounters
    let asking: AskingCounters
    let online: OnlineCounters
    let serving: ServingCounters
    let redis: RedisCounters
    let hub: Hub.Counters
    let gauges: Gauges

    /// The loop's numbers of the moment.
    package struct Gauges: Sendable {
        /// Channels followed.
        package var channels = 0
        /// Viewers of tasks and topics, each channel counted.
        package var subscriptions = 0
        /// Connections without a complete request head.
        package var handshakes = 0
        /// Whether Redis takes commands.
        package var commandsUp = false
        /// Whether Redis delivers published messages.
        package var pubsubUp = false
        /// What is missing of a cluster: the addresses of masters that cannot be asked, and how many slots have none.
        package var absentShards: [String] = []
        /// Commands that wait for Redis.
        package var pending = 0
        /// Whether Redis holds the lease of the loop.
        package var isRegistered = false
        /// Users online in the whole cluster, as the loop last heard.
        package var usersOnline = 0
        /// WebSockets in the whole cluster, as the loop last heard.
        package var clusterConnections = 0

        package init() {}
    }

    /// Reads every counter of the loop now.
    package init(_ counters: LoopCounters, hub: Hub.Counters, gauges: Gauges) {
        following = counters.following.counters
        asking = counters.asking.counters
        online = counters.online.counters
        serving = counters.serving.counters
        redis = counters.redis.counters
        self.hub = hub
        self.gauges = gauges
    }
}
