import Events
import Hub
import Redis
import Telemetry

extension LoopCore {
    /// How things stand on this loop now.
    var reading: LoopReading {
        var gauges = LoopReading.Gauges()
        gauges.channels = hub.channelCount
        gauges.subscriptions = hub.channels.reduce(0) { $0 + ($1.name.isPersonal ? 0 : $1.viewerCount) }
        gauges.handshakes = connections.pendingHandshakes
        gauges.commandsUp = redis.isReady
        gauges.pubsubUp = subscriptions.isReady
        gauges.pending = redis.pendingCount
        gauges.isRegistered = presence.isRegistered
        gauges.usersOnline = presence.numbers.online
        gauges.clusterConnections = presence.numbers.connections
        return LoopReading(counters, hub: hub.counters, gauges: gauges)
    }
}
