import Access
import Dialects
import EventLoop
import JSON
import WebSocket

/// What the WebSockets of one loop have in common.
final class SessionServices {
    /// What the settings say of WebSockets.
    struct Rules {
        /// Milliseconds between two heartbeats, as clients are told.
        let heartbeatMilliseconds: Int
        /// Milliseconds a client has to authenticate in.
        let authTimeoutMilliseconds: Int
        /// Tasks and topics that one WebSocket may follow.
        let subscriptionsPerConnection: Int
        /// WebSockets of one user on all nodes; nil for any number.
        let connectionsPerUser: Int?
        /// A client of which nothing is heard for longer is gone, in milliseconds.
        let silenceMilliseconds: UInt64
        /// When the node started, milliseconds since 1970.
        let startedAt: Int64
    }

    let viewers: ViewerServices
    let rules: Rules
    let authenticator: Authenticator
    let presence: LoopPresence
    let announcements: PersonalPath
    let frames: EventPath
    let acknowledgements: AcknowledgementStore
    let parser: JSONParser
    let inflater = Inflater()

    init(
        viewers: ViewerServices, rules: Rules, authenticator: Authenticator, presence: LoopPresence,
        announcements: PersonalPath, frames: EventPath, acknowledgements: AcknowledgementStore
    ) {
        self.viewers = viewers
        self.rules = rules
        self.authenticator = authenticator
        self.presence = presence
        self.announcements = announcements
        self.frames = frames
        self.acknowledgements = acknowledgements
        let limits = viewers.limits
        parser = JSONParser(maxBytes: limits.webSocket.maxMessageBytes, maxDepth: limits.jsonDepth)
    }
}

extension SessionServices {
    /// A heartbeat of now.
    func makeHeartbeat() -> Heartbeat {
        let uptime = Double(WallClock.now - rules.startedAt) / 1000
        return Heartbeat(
            now: viewers.loop.now, silenceMilliseconds: rules.silenceMilliseconds,
            isBroadcasting: presence.isBroadcasting,
            frames: frames.frames(
                of: .heartbeat(connectedClients: presence.clusterConnections, uptimeSeconds: uptime)))
    }
}

extension SessionServices.Rules {
    init(_ configuration: Configuration, _ limits: NodeLimits, silenceMilliseconds: UInt64, startedAt: Int64) {
        self.init(
            heartbeatMilliseconds: configuration.heartbeatMilliseconds,
            authTimeoutMilliseconds: configuration.authTimeoutMilliseconds,
            subscriptionsPerConnection: configuration.subscriptionsPerConnection,
            connectionsPerUser: configuration.connectionsPerUser
                ?? (configuration.isDevelopment ? nil : limits.connectionsPerUser),
            silenceMilliseconds: silenceMilliseconds, startedAt: startedAt)
    }
}
