/// The supported versions. HTTP/1.2 and later of major version 1 count as 1.1 (RFC 9110 2.5).
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.0.
    case http10
    /// HTTP/1.1.
    case http11
}

/// How a message's body is delimited (RFC 9112 6.3).
public enum BodyFraming: Sendable, Equatable {
    /// There is none.
    case noBody
    /// So many bytes.
    case length(Int)
    /// Chunks, the last one empty.
    case chunked
}

/// A request's first line and fields, checked and parsed.
public struct RequestHead: Sendable, Equatable {
    /// The method, one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, TRACE, QUERY.
    public var method: String
    /// The target as sent. It may contain a token: never log it.
    public var target: String
    /// The path as sent, still percent-encoded: `/api/v1/tasks/a%2Fb`; `*` for the asterisk form.
    public var path: String
    /// The path's segments, each percent-decoded once: `["api", "v1", "tasks", "a/b"]`. `/` has none; a trailing slash
    /// gives an empty last one. Dot segments stay: nothing here is a file system.
    public var segments: [String]
    /// The decoded query.
    public var query: Query
    /// The protocol version.
    public var version: HTTPVersion
    /// The fields in the order in which they arrived.
    public var headers: Headers
    /// The authority of an absolute-form target, else the field `Host` (RFC 9112 3.2.2); nil only in HTTP/1.0.
    public var host: String?
    /// How the body is delimited.
    public var framing: BodyFraming

    /// The length of the body, where the head gives it.
    public var contentLength: Int? {
        if case .length(let count) = framing { count } else { nil }
    }

    /// Whether the body comes in chunks.
    public var isChunked: Bool { framing == .chunked }

    /// Whether there is or may be a body.
    public var hasBody: Bool { framing != .noBody && framing != .length(0) }

    /// Whether the connection stays open after the answer (RFC 9112 9.3).
    public var keepAlive: Bool {
        switch version {
        case .http11: !headers.has("close", in: "Connection")
        case .http10: headers.has("keep-alive", in: "Connection") && !headers.has("close", in: "Connection")
        }
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1: never in HTTP/1.0).
    public var expectsContinue: Bool {
        version == .http11 && hasBody && headers.has("100-continue", in: "Expect")
    }
}
