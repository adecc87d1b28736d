extension Response {
    /// What tells a client that waits with its body to send it (RFC 9110 15.2.1).
    public static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The answer's bytes. To a HEAD request go the fields of the answer without its body (RFC 9110 9.3.2).
    public func encode(keepAlive: Bool, isHead: Bool = false) -> [UInt8] {
        var bytes = encodedHead(connection: keepAlive ? "keep-alive" : "close", length: hasLength ? body.count : nil)
        if !isHead && hasLength { bytes += body }
        return bytes
    }

    /// The head of an answer whose body has no announced end: the connection's close ends it (RFC 9112 6.3, 8). For
    /// event streams, whose pieces can then be shared between viewers as they are. What `body` holds is its first piece.
    public func encodeOpenEnded() -> [UInt8] {
        encodedHead(connection: "close", length: nil) + body
    }

    /// 1xx, 204 and 304 have neither body nor length (RFC 9110 8.6).
    private var hasLength: Bool { status >= 200 && status != 204 && status != 304 }

    private func encodedHead(connection: String, length: Int?) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + (length ?? 0))
        bytes += "HTTP/1.1 \(status) \(Response.reason(status))\r\n".utf8
        for field in headers.fields { Response.append(field.name, field.value, to: &bytes) }
        if let length { Response.append("Content-Length", String(length), to: &bytes) }
        Response.append("Connection", connection, to: &bytes)
        bytes += "\r\n".utf8
        return bytes
    }

    /// One field line. A control character, which a value that echoes remote input might contain, becomes a space, so
    /// that nobody can put a line of his own into our answer.
    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes += name.utf8
        bytes += ": ".utf8
        bytes += value.utf8.lazy.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
        bytes += "\r\n".utf8
    }

    /// The reason phrases of RFC 9110 15; clients ignore them, people read them.
    static func reason(_ status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 411: "Length Required"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}
