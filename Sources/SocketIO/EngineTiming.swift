/// The times and bounds of a session, as its open packet names them (Engine.IO protocol, "Handshake").
public struct EngineTiming: Equatable, Sendable {
    /// Milliseconds between two pings of the server.
    public let pingMilliseconds: UInt64
    /// Milliseconds that the client may take for a pong.
    public let pongMilliseconds: UInt64
    /// Milliseconds that a client may take to move to the WebSocket that it tried; engine.io's own server has the same.
    public let upgradeMilliseconds: UInt64
    /// Bytes of a body that the client may post.
    public let maxPayloadBytes: Int

    /// The times of Socket.IO's own server.
    public init(
        pingMilliseconds: UInt64 = 25_000, pongMilliseconds: UInt64 = 20_000, upgradeMilliseconds: UInt64 = 10_000,
        maxPayloadBytes: Int
    ) {
        self.pingMilliseconds = pingMilliseconds
        self.pongMilliseconds = pongMilliseconds
        self.upgradeMilliseconds = upgradeMilliseconds
        self.maxPayloadBytes = maxPayloadBytes
    }

    /// The open packet of session `sid`, whose characters JSON does not escape. A session over a WebSocket has nothing
    /// left to upgrade to.
    public func openPacket(sid: String, mayUpgrade: Bool) -> [UInt8] {
        let upgrades = mayUpgrade ? #""websocket""# : ""
        let times = #""pingInterval":\#(pingMilliseconds),"pingTimeout":\#(pongMilliseconds)"#
        return Array(
            #"0{"sid":"\#(sid)","upgrades":[\#(upgrades)],\#(times),"maxPayload":\#(maxPayloadBytes)}"#.utf8)
    }
}
