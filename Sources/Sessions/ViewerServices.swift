package import Access
package import Connections
package import EventLoop
package import Following
package import Settings
package import Telemetry

/// What the viewers of one loop share: WebSockets and event streams.
package final class ViewerServices {
    /// Milliseconds after which the time until a token's expiry is counted anew, a day: the wall clock may be set
    /// meanwhile.
    static let longestWaitForExpiry: Int64 = 86_400_000

    package let loop: EventLoop
    package let limits: NodeLimits
    package let watch: WatchRule
    package let following: Subscriptions
    package let tally: Tally<ServingCounters>
    package let clients: ClientLog
    /// Where a person follows what clients do.
    package let activity: SampledLog
    /// Whether Redis takes commands and delivers messages.
    package let isConnected: () -> Bool

    package var log: Log { clients.log }

    package init(
        loop: EventLoop, limits: NodeLimits, watch: WatchRule, following: Subscriptions,
        tally: Tally<ServingCounters>, clients: ClientLog, activity: SampledLog, isConnected: @escaping () -> Bool
    ) {
        self.loop = loop
        self.limits = limits
        self.watch = watch
        self.following = following
        self.tally = tally
        self.clients = clients
        self.activity = activity
        self.isConnected = isConnected
    }
}
