extension Response {
    /// Tells a client that waits with its body to send it (RFC 9110 15.2.1).
    public static let continueBytes = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)

    /// The response's bytes. A HEAD request gets the fields without the body (RFC 9110 9.3.2).
    public func encode(keepAlive: Bool, isHead: Bool = false) -> [UInt8] {
        // RFC 9110 8.6: 1xx, 204 and 304 have neither body nor length.
        let hasBody = status >= 200 && status != 204 && status != 304
        var writer = head()
        if hasBody { writer.field("Content-Length", String(body.count)) }
        writer.field("Connection", keepAlive ? "keep-alive" : "close")
        return writer.finish(body: hasBody && !isHead ? body : [])
    }

    /// The head of a response whose body has no announced end: the connection's close ends it (RFC 9112 6.3, 8). For
    /// event streams, so that viewers can share their pieces unchanged. `body` is the first piece.
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

    /// The reason phrases of RFC 9110 15 (426, 428, 429 and 431 of RFC 6585); clients ignore them, people read them.
    static func reason(_ status: Int) -> String {
        switch status {
        case 100: "Continue"
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 203: "Non-Authoritative Information"
        case 204: "No Content"
        case 205: "Reset Content"
        case 206: "Partial Content"
        case 300: "Multiple Choices"
        case 301: "Moved Permanently"
        case 302: "Found"
        case 303: "See Other"
        case 304: "Not Modified"
        case 305: "Use Proxy"
        case 307: "Temporary Redirect"
        case 308: "Permanent Redirect"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 406: "Not Acceptable"
        case 407: "Proxy Authentication Required"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 411: "Length Required"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 417: "Expectation Failed"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 426: "Upgrade Required"
        case 428: "Precondition Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: "Status \(status)"
        }
    }
}
