/// Reads the responses to Fantail's own requests on one connection, in any pieces: the counterpart of
/// ``RequestDecoder``, with the same bounds. Its errors have meaningful messages, but no meaningful statuses.
public struct ResponseDecoder: Sendable {
    private enum Place {
        case head
        case body
        case bodyToEnd
        case upgraded
        case ended
    }

    private let limits: HTTPLimits
    private var buffer = ReceiveBuffer()
    private var place = Place.head
    private var scanner: HeadScanner
    private var reader = BodyReader.length(0)
    private var response = Response(status: 0)

    /// A decoder at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        scanner = HeadScanner(maxBytes: limits.maxHeadBytes)
    }

    /// Takes received bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if place != .ended { buffer.append(bytes) }
    }

    /// The next whole response, nil when more bytes are needed. Interim responses (100 Continue) are skipped. `isHead`:
    /// the request was HEAD, so there is no body. After an error and after 101 it stays nil.
    public mutating func next(isHead: Bool = false) throws(HTTPError) -> Response? {
        do throws(HTTPError) {
            while place == .head {
                guard try readHead(isHead: isHead) else { return nil }
            }
            switch place {
            case .body: return try readBody()
            case .bodyToEnd: try checkUnendingBody()
            case .head, .upgraded, .ended: break
            }
            return nil
        } catch {
            end()
            throw error
        }
    }

    /// The response whose body ends with the connection (RFC 9112 6.3, 8); nil where there is none: a truncated
    /// response does not count.
    public mutating func finish() -> Response? {
        guard place == .bodyToEnd else { return nil }
        response.body = takeRemainder()
        return response
    }

    /// The bytes received after the last answer: after 101, the new protocol's. Ends HTTP on this connection.
    public mutating func takeRemainder() -> [UInt8] {
        defer { end() }
        return buffer.takeAll()
    }

    /// False when it is not complete.
    private mutating func readHead(isHead: Bool) throws(HTTPError) -> Bool {
        guard let end = try buffer.scan(&scanner) else { return false }
        let lines = linesOfHead(buffer.take(end)[...])
        scanner = HeadScanner(maxBytes: limits.maxHeadBytes)
        let (version, status) = try Self.parseStatusLine(lines.first ?? [])
        let headers = try Headers(parsing: lines.dropFirst(), maxHeaders: limits.maxHeaders)
        if (100..<200).contains(status) && status != 101 { return true }
        response = Response(status: status, headers: headers)
        let hasNoBody = isHead || status == 101 || status == 204 || status == 304
        let framing =
            try hasNoBody ? .noBody : messageFraming(headers, version: version, maxBodyBytes: limits.maxBodyBytes)
        reader = BodyReader(framing ?? .noBody, limits: limits)
        place = framing == nil ? .bodyToEnd : .body
        return true
    }

    private mutating func readBody() throws(HTTPError) -> Response? {
        guard let body = try reader.read(from: &buffer) else { return nil }
        response.body = body
        place = response.status == 101 ? .upgraded : .head
        return response
    }

    private func checkUnendingBody() throws(HTTPError) {
        if buffer.count > limits.maxBodyBytes { throw .bodyTooLarge(maxBytes: limits.maxBodyBytes) }
    }

    private mutating func end() {
        place = .ended
        buffer.removeAll()
        reader = .length(0)
    }

    /// `HTTP/1.1 200 OK`; the reason may be missing (RFC 9112 4).
    private static func parseStatusLine(_ line: ArraySlice<UInt8>) throws(HTTPError) -> (HTTPVersion, Int) {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let version = HTTPVersion.parse(parts[0]), version.major == 1, parts[1].count == 3,
            let status = Int(String(decoding: parts[1], as: UTF8.self)), status >= 100
        else { throw .malformed("the status line is malformed") }
        return (version.minor == 0 ? .http10 : .http11, status)
    }
}
