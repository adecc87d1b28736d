/// Every bound of requests to third parties.
public struct UpstreamLimits: Sendable {
    /// Milliseconds from the request to the last byte of the response (ops/dialects.md).
    public var timeoutMilliseconds = 10_000
    /// Bytes of a response's body; a longer one counts as no response.
    public var answerBytes = 1024 * 1024
    /// Requests under way at once; further ones are refused. Each is a socket and some 20 KiB.
    public var transfers = 256
    /// Connections kept open for the next request.
    public var idleConnections = 16

    /// The bounds of a node by default; tests take smaller ones.
    public init() {}
}
