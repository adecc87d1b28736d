/// Reads the requests of one connection, in any pieces. Holds no buffer while it waits for a request.
///
/// Each request gives `.head`, then `.body`. Between the two the caller may send ``Response/continueBytes``, or refuse.
/// The next ``next()`` gives the next request, if it has arrived. Answer first, and do not read from the socket
/// meanwhile: that bounds pipelined requests.
public struct RequestDecoder: Sendable {
    /// A part of a request.
    public enum Output: Sendable, Equatable {
        /// A request's head. With `expectsContinue` the client sends the body only after a `100 Continue`.
        case head(RequestHead)
        /// The whole body of that request; empty when it has none.
        case body([UInt8])
    }

    private enum Place {
        case head
        case body
        case ended
    }

    private let limits: HTTPLimits
    private var buffer = ReceiveBuffer()
    private var place = Place.head
    private var scanner: HeadScanner
    private var reader = BodyReader.length(0)
    /// Whether the connection ends with the request that is being read.
    private var isLast = false

    /// A decoder at the start of a connection.
    public init(limits: HTTPLimits = HTTPLimits()) {
        self.limits = limits
        scanner = Self.scanner(limits)
    }

    /// Whether a request has arrived in part: tells a slow connection from an idle one.
    public var isInsideRequest: Bool {
        switch place {
        case .head: !buffer.isEmpty
        case .body: true
        case .ended: false
        }
    }

    /// Takes received bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if place != .ended { buffer.append(bytes) }
    }

    /// After a head: skips the request's body and keeps none of it. Once it has passed, an empty one is returned in its
    /// place. Returns false where the whole body was already returned: none follows then.
    @discardableResult
    public mutating func discardBody() -> Bool {
        guard place == .body else { return false }
        reader.discard(from: &buffer)
        return true
    }

    /// After a head: bytes held for the request's body, with bytes that arrived after it.
    public var bodyBytes: Int { place == .body ? buffer.count + reader.keptBytes : 0 }

    /// The next part of a request, nil when more bytes are needed. After an error, after the last request of a
    /// connection (`Connection: close`) and after ``takeRemainder()`` it stays nil.
    public mutating func next() throws(HTTPError) -> Output? {
        do throws(HTTPError) {
            switch place {
            case .head: return try readHead().map(Output.head)
            case .body: return try readBody().map(Output.body)
            case .ended: return nil
            }
        } catch {
            end()
            throw error
        }
    }

    /// The bytes received after an upgrade request's head. Ends HTTP on this connection.
    public mutating func takeRemainder() -> [UInt8] {
        defer { end() }
        return buffer.takeAll()
    }

    private mutating func readHead() throws(HTTPError) -> RequestHead? {
        guard let end = try buffer.scan(&scanner) else { return nil }
        let head = try RequestHead(lines: linesOfHead(buffer.take(end)[scanner.start...]), limits: limits)
        reader = BodyReader(head.framing, limits: limits)
        isLast = !head.keepAlive
        place = .body
        return head
    }

    private mutating func readBody() throws(HTTPError) -> [UInt8]? {
        guard let body = try reader.read(from: &buffer) else { return nil }
        if isLast {
            end()
        } else {
            place = .head
            scanner = Self.scanner(limits)
        }
        return body
    }

    private mutating func end() {
        place = .ended
        buffer.removeAll()
        reader = .length(0)
    }

    private static func scanner(_ limits: HTTPLimits) -> HeadScanner {
        HeadScanner(maxBytes: limits.maxHeadBytes, maxLeadingEmptyLines: limits.maxLeadingEmptyLines)
    }
}
