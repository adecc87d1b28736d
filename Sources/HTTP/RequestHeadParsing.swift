extension RequestHead {
    /// Reads a whole head, from the request line to the empty line.
    public init(parsing head: [UInt8], limits: HTTPLimits = HTTPLimits()) throws(HTTPError) {
        var buffer = ReceiveBuffer()
        head.withUnsafeBytes { buffer.append($0) }
        var scanner = HeadScanner(maxBytes: limits.maxHeadBytes)
        guard try buffer.scan(&scanner) == head.count else { throw .malformed("the head is not exactly one") }
        try self.init(lines: linesOfHead(head[...]), limits: limits)
    }

    /// The same from the lines of a head that a ``HeadScanner`` found.
    init(lines: [ArraySlice<UInt8>], limits: HTTPLimits) throws(HTTPError) {
        let line = try RequestLine(parsing: lines.first ?? [])
        let target = try RequestTarget(parsing: line.target, method: line.method)
        headers = try Headers(parsing: lines.dropFirst(), maxHeaders: limits.maxHeaders)
        method = line.method
        version = line.version
        self.target = String(decoding: line.target, as: UTF8.self)
        (path, segments, query) = (target.path, target.segments, target.query)
        let host = try Self.host(headers, version: version)
        self.host = target.authority ?? host
        framing = try Self.framing(headers, version: version, method: method, limits: limits)
        try Self.checkExpectation(headers, version: version)
        try Self.checkSingle(headers)
    }

    /// Fields about the caller, its address and the request. Duplicates are ambiguous: the node would read the first
    /// one, a proxy before it the last. RFC 6454 7.3 forbids a second `Origin` outright.
    private static let singleFields = ["Origin", "X-API-Key", "Content-Type", "Idempotency-Key", "Last-Event-ID"]

    private static func checkSingle(_ headers: Headers) throws(HTTPError) {
        for name in singleFields where headers.lines(of: name).count > 1 {
            throw .malformed("\(name) may stand once")
        }
    }

    /// RFC 9112 3.2: exactly one `Host` in HTTP/1.1; it may be missing in HTTP/1.0.
    private static func host(_ headers: Headers, version: HTTPVersion) throws(HTTPError) -> String? {
        let hosts = headers.lines(of: "Host")
        if hosts.isEmpty && version == .http10 { return nil }
        guard hosts.count == 1 else { throw .malformed("exactly one Host field is needed") }
        return try parseHost(hosts[0].utf8)
    }

    /// RFC 9110 10.1.1: an unknown expectation is answered with 417.
    private static func checkExpectation(_ headers: Headers, version: HTTPVersion) throws(HTTPError) {
        guard version == .http11 else { return }
        for expectation in headers.values(of: "Expect") where !equalsIgnoringCase(expectation, "100-continue") {
            throw HTTPError(status: 417, code: .badRequest, message: "only 100-continue can be expected here")
        }
    }
}

/// `GET /ws?token=… HTTP/1.1` (RFC 9112 3).
private struct RequestLine {
    var method: String
    var target: ArraySlice<UInt8>
    var version: HTTPVersion

    private static let methods: Set<String> = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY",
    ]

    init(parsing line: ArraySlice<UInt8>) throws(HTTPError) {
        let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, parts[0].allSatisfy(isTokenCharacter) else {
            throw .malformed("the request line is malformed")
        }
        version = try Self.version(parts[2])
        method = String(decoding: parts[0], as: UTF8.self)
        target = parts[1]
        // RFC 9110 9.1: 501 for an unknown method; 405 is for known ones that the resource does not have.
        guard Self.methods.contains(method) else {
            throw HTTPError(status: 501, code: .badRequest, message: "the method is not implemented here")
        }
    }

    private static func version(_ text: ArraySlice<UInt8>) throws(HTTPError) -> HTTPVersion {
        guard let version = HTTPVersion.parse(text) else { throw .malformed("the HTTP version is malformed") }
        guard version.major == 1 else {
            throw HTTPError(status: 505, code: .badRequest, message: "this server accepts HTTP/1.0 and HTTP/1.1 only")
        }
        return version.minor == 0 ? .http10 : .http11
    }
}

extension HTTPVersion {
    /// `HTTP/`, a digit, a dot, a digit; case counts (RFC 9112 2.3).
    static func parse(_ text: ArraySlice<UInt8>) -> (major: UInt8, minor: UInt8)? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard text.count == 8, text.starts(with: "HTTP/".utf8), text[text.startIndex + 6] == UInt8(ascii: "."),
            digits.contains(text[text.startIndex + 5]), digits.contains(text[text.startIndex + 7])
        else { return nil }
        return (text[text.startIndex + 5] - digits.lowerBound, text[text.startIndex + 7] - digits.lowerBound)
    }
}
