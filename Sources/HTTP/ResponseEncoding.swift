extension Response {
    /// What tells a client that waits with its body to send it (RFC 9110 15.2.1).
    public static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The answer's bytes. To a HEAD request go the fields of the answer without its body (RFC 9110 9.3.2).
    public func encode(keepAlive: Bool, isHead: Bool = false) -> [UInt8] {
        // RFC 9110 8.6: 1xx, 204 and 304 have neither body nor length.
        let hasBody = status >= 200 && status != 204 && status != 304
        var writer = head()
        if hasBody { writer.field("Content-Length", String(body.count)) }
        writer.field("Connection", keepAlive ? "keep-alive" : "close")
        return writer.finish(body: hasBody && !isHead ? body : [])
    }

    /// The head of an answer whose body has no announced end: the connection's close ends it (RFC 9112 6.3, 8). For
    /// event streams, whose pieces can then be shared between viewers as they are. What `body` holds is its first piece.
    public func encodeOpenEnded() -> [UInt8] {
        var writer = head()
        writer.field("Connection", "close")
        return writer.finish(body: body)
    }

    private func head() -> HeadWriter {
        var writer = HeadWriter(capacity: 256 + body.count)
        writer.firstLine("HTTP/1.1 \(status) \(Response.reason(status))")
        writer.fields(headers)
        return writer
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
