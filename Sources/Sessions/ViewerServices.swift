package import Connections
package import Settings
package import Telemetry
package import Following
package import Access
package import EventLoop

/// What the viewers of one loop share: WebSockets and event streams.
package final class ViewerServices {
    package let loop: EventLoop
    package let limits: NodeLimits
    package let watch: WatchRule
    package let following: Subscriptions
    package let tally: Tally<ServingCounters>
    package let clients: ClientLog
    /// Whether Redis takes commands and delivers messages.
    package let isConnected: () -> Bool

    package var log: Log { clients.log }

    package init(
        loop: EventLoop, limits: NodeLimits, watch: WatchRule, following: Subscriptions,
        tally: Tally<ServingCounters>, clients: ClientLog, isConnected: @escaping () -> Bool
    ) {
        self.loop = loop
        self.limits = limits
        self.watch = watch
        self.following = following
        self.tally = tally
        self.clients = clients
        self.isConnected = isConnected
    }
}
