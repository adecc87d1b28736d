import Access
import EventLoop

/// What those who follow channels over the connections of one loop have in common: WebSockets and streams of events.
final class ViewerServices {
    let loop: EventLoop
    let limits: NodeLimits
    let watch: WatchRule
    let following: Subscriptions
    let tally: Tally<ServingCounters>
    let clients: ClientLog
    /// Whether Redis can be asked and heard.
    let isConnected: () -> Bool

    var log: Log { clients.log }

    init(
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
