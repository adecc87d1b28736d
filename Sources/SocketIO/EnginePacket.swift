/// A packet of Engine.IO 4 in its text form: a sign for its kind, then its data (Engine.IO protocol, "Packet encoding").
public struct EnginePacket: Equatable, Sendable {
    /// What a packet is for. The value is its sign in ASCII.
    public enum Kind: UInt8, CaseIterable, Sendable {
        /// The server's first packet: the session's id and times.
        case open = 0x30
        /// The session ends.
        case close
        /// Are you there? With the data `probe` from a client that tries a WebSocket.
        case ping
        /// The answer to a ping.
        case pong
        /// A packet of Socket.IO.
        case message
        /// The client goes on over the WebSocket that it tried.
        case upgrade
        /// Nothing: it ends a poll that waits.
        case noop
        /// A binary attachment, in base64: `b`.
        case binary = 0x62
    }

    /// What it is for.
    public let kind: Kind
    /// What follows the sign.
    public let data: ArraySlice<UInt8>

    /// Reads a packet; nil where the text begins with no sign of a packet.
    public init?(_ text: ArraySlice<UInt8>) {
        guard let first = text.first, let kind = Kind(rawValue: first) else { return nil }
        self.kind = kind
        data = text.dropFirst()
    }

    /// Whether a client tries a WebSocket by this ping (`2probe`).
    public var isProbe: Bool { kind == .ping && data.elementsEqual("probe".utf8) }
}

extension EnginePacket {
    /// `1`
    public static let close: [UInt8] = [Kind.close.rawValue]
    /// `2`
    public static let ping: [UInt8] = [Kind.ping.rawValue]
    /// `3`
    public static let pong: [UInt8] = [Kind.pong.rawValue]
    /// `3probe`
    public static let probeAnswer: [UInt8] = pong + Array("probe".utf8)
    /// `6`
    public static let noop: [UInt8] = [Kind.noop.rawValue]
}
