/// Reads the requests of one connection, however their bytes arrive. Holds no buffer while it waits for a request.
///
/// Each request gives `.head`, then `.body`. Between the two the caller may answer 100 or refuse; before the next `.head`
/// it answers. Whoever stops reading the socket while it answers bounds what pipelined requests can hold.
public struct RequestDecoder: Sendable {
    /// What was read.
    public enum Output: Sendable, Equatable {
        /// A request's head. With `expectsContinue` the body comes only after a `100 Continue`.
        case head(RequestHead)
        /// The whole body of that request; empty when it has none.
        case body([UInt8])
    }

    /// A decoder at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {}

    /// Takes what was received.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {}

    /// The next part of a request, nil when more bytes are needed. After an error, after the last request of a connection
    /// (`Connection: close`) and after ``takeRemainder()`` it stays nil.
    public mutating func next() throws(HTTPError) -> Output? { nil }

    /// The bytes received after an upgrade request's head. Ends HTTP on this connection.
    public mutating func takeRemainder() -> [UInt8] { [] }
}
