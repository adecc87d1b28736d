/// Every bound of the WebSocket code, in one place.
public struct WebSocketLimits: Sendable, Equatable {
    /// One message on the wire, all its frames together.
    public let maxMessageBytes: Int
    /// One message after inflating. A separate bound, since a kilobyte can inflate to a megabyte.
    public let maxInflatedBytes: Int

    /// The payload of a ping, pong or close (RFC 6455 5.5).
    public static let maxControlBytes = 125
    /// Shorter messages are not worth the time that compression takes.
    public static let minDeflatedBytes = 1024
    /// The longest frame header there is (RFC 6455 5.2): 2, length 8, mask 4.
    static let maxHeaderBytes = 14
    /// A deflater keeps its output buffer between messages up to this size.
    static let maxRetainedScratchBytes = 128 * 1024
    /// An inflater's output buffer, and so how far it can exceed its bound before it notices.
    static let inflateStepBytes = 16 * 1024

    /// Bounds in bytes. Traps on those that the decoder could not count.
    public init(maxMessageBytes: Int = 64 * 1024, maxInflatedBytes: Int = 64 * 1024) {
        precondition(maxMessageBytes >= 0 && maxInflatedBytes >= 0, "WebSocketLimits: a bound below 0")
        precondition(maxMessageBytes < Int(UInt32.max), "WebSocketLimits: zlib counts its input in 32 bits")
        self.maxMessageBytes = maxMessageBytes
        self.maxInflatedBytes = maxInflatedBytes
    }
}
