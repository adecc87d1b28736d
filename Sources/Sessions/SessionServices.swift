package import Access
package import Connections
import Dialects
import EventLoop
package import Following
package import JSON
package import Online
package import Settings
import Telemetry
package import WebSocket

/// What the WebSockets of one loop share.
package final class SessionServices {
    /// The settings for WebSockets.
    package struct Rules {
        /// Milliseconds between two heartbeats; clients are told this number.
        let heartbeatMilliseconds: Int
        /// Milliseconds a client has to authenticate in.
        let authTimeoutMilliseconds: Int
        /// Tasks and topics that one WebSocket may follow.
        let subscriptionsPerConnection: Int
        /// WebSockets of one user on all nodes; nil for any number.
        let connectionsPerUser: Int?
        /// The text of the first message in `presence`.
        let welcome: Welcome
        /// Milliseconds between two pings to a client of Socket.IO, and for its answer.
        let socketIOPing: (everyMilliseconds: UInt64, timeoutMilliseconds: UInt64)
        /// Milliseconds of silence after which a client counts as gone.
        let silenceMilliseconds: UInt64
        /// When the node started, milliseconds since 1970.
        let startedAt: Int64
    }

    package let viewers: ViewerServices
    package let rules: Rules
    package let authenticator: Authenticator
    package let presence: LoopPresence
    package let announcements: PersonalMessages
    package let frames: FrameWriter
    package let acknowledgements: AcknowledgementStore
    package let parser: JSONParser
    package let inflater = Inflater()

    package init(
        viewers: ViewerServices, rules: Rules, authenticator: Authenticator, presence: LoopPresence,
        announcements: PersonalMessages, frames: FrameWriter, acknowledgements: AcknowledgementStore
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
    /// Makes a heartbeat.
    package func makeHeartbeat() -> Heartbeat {
        let uptime = Double(WallClock.now - rules.startedAt) / 1000
        return Heartbeat(
            now: viewers.loop.now, silenceMilliseconds: rules.silenceMilliseconds,
            isBroadcasting: presence.isBroadcasting,
            frames: frames.frames(
                of: .heartbeat(connectedClients: presence.clusterConnections, uptimeSeconds: uptime)))
    }
}

extension SessionServices.Rules {
    package init(_ configuration: Configuration, _ limits: NodeLimits, startedAt: Int64) {
        self.init(
            heartbeatMilliseconds: configuration.heartbeatMilliseconds,
            authTimeoutMilliseconds: configuration.authTimeoutMilliseconds,
            subscriptionsPerConnection: configuration.subscriptionsPerConnection,
            connectionsPerUser: configuration.connectionsPerUser
                ?? (configuration.isDevelopment ? nil : limits.connectionsPerUser),
            welcome: configuration.welcome,
            socketIOPing: (
                UInt64(configuration.socketIOPingMilliseconds), UInt64(configuration.socketIOPongMilliseconds)
            ),
            silenceMilliseconds: configuration.silenceMilliseconds, startedAt: startedAt)
    }
}
