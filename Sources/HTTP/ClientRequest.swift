/// A request by Fantail: to a node, from the command and the benchmarks; to a third party that knows a task's status.
public struct ClientRequest: Sendable, Equatable {
    /// The method as it is sent: its case counts (RFC 9110 9.1).
    public var method: String
    /// Path and query, percent-encoded.
    public var target: String
    /// The fields, with `Host`; encoding writes `Content-Length`.
    public var headers: Headers
    /// The bytes as they are sent; empty for a request without a body.
    public var body: [UInt8]

    /// A request with all its parts.
    public init(method: String, target: String, headers: Headers, body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The request's bytes.
    public func encode() -> [UInt8] {
        var writer = HeadWriter(capacity: 256 + body.count)
        writer.firstLine("\(method) \(target) HTTP/1.1")
        writer.fields(headers)
        // RFC 9110 8.6: a method for which a body has a meaning also announces an empty one.
        if !body.isEmpty || RequestHead.needsBody(method) { writer.field("Content-Length", String(body.count)) }
        return writer.finish(body: body)
    }
}
