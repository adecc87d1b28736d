internal import CTLS

/// One TLS connection as an engine: it decrypts the peer's bytes, and encrypts bytes for the peer. No socket, no clock.
///
/// After every call ``takeOutput(_:)`` may have bytes for the peer. Confined to one thread.
public final class TLSConnection {
    /// Plain bytes in one record, at most (RFC 8446 5.1); ``receive(_:into:_:)`` needs a buffer of at least this size.
    public static let maxRecordBytes = 16 * 1024

    /// Bytes that an empty buffer of OpenSSL may keep: enough for an event and its frame, and at most 40 MiB for ten
    /// thousand idle connections.
    private static let mostKeptBytes = 4 * 1024

    /// An event from the peer.
    public enum Event {
        /// The handshake is done: either side may send plain bytes from now on.
        case open
        /// Plain bytes, in the caller's buffer.
        case plain(UnsafeMutableRawBufferPointer)
        /// The peer sends no more (close_notify). A stream that ends without this event was cut off.
        case end
    }

    /// Whether the handshake is over.
    public private(set) var isOpen = false
    /// Whether the peer has said that it sends no more.
    public private(set) var hasEnded = false

    private var hasBegun = false
    let connection: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// A server's side of one connection.
    public convenience init(server context: TLSContext) throws(TLSError) {
        precondition(context.isServer, "TLSConnection: a server with a client's context")
        try self.init(context)
        SSL_set_accept_state(connection)
    }

    /// A client's side of one connection, whose first bytes for the server are ready at once.
    ///
    /// - Parameter host: the name or address that the server's certificate must contain; the client also sends a name
    ///   to the server (SNI, RFC 6066 3). Nil: the client checks only the authority, for servers on a unix socket.
    public convenience init(client context: TLSContext, host: String?) throws(TLSError) {
        precondition(!context.isServer, "TLSConnection: a client with a server's context")
        try self.init(context)
        SSL_set_connect_state(connection)
        if let host { try expect(host) }
        try handshake { _ in }
    }

    private init(_ context: TLSContext) throws(TLSError) {
        guard let connection = SSL_new(context.pointer), let incoming = BIO_new(BIO_s_mem()),
            let outgoing = BIO_new(BIO_s_mem())
        else { throw .taken(otherwise: "OpenSSL has no memory for a connection") }
        self.connection = connection
        self.incoming = incoming
        self.outgoing = outgoing
        SSL_set_bio(connection, incoming, outgoing)  // takes ownership of both
    }

    deinit { SSL_free(connection) }

    /// Takes bytes of the peer, and calls `body` with each event. Stops for good where `body` returns false.
    ///
    /// - Parameter buffer: takes plain bytes, valid during the call of `body` only; at least ``maxRecordBytes``.
    public func receive(
        _ bytes: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer, _ body: (Event) -> Bool
    ) throws(TLSError) {
        precondition(buffer.count >= Self.maxRecordBytes, "TLSConnection: a buffer of \(buffer.count) bytes")
        guard bytes.count > 0 else { return }
        try refusePlainHTTP(bytes[0])
        guard BIO_write(incoming, bytes.baseAddress, Int32(clamping: bytes.count)) == bytes.count else {
            throw .taken(otherwise: "OpenSSL has no memory for the received bytes")
        }
        defer { if !hasInput { fantail_tls_empty(incoming, Self.mostKeptBytes) } }
        var goesOn = true
        if !isOpen { try handshake { goesOn = body($0) } }
        while isOpen, goesOn, !hasEnded {
            ERR_clear_error()  // of other users of OpenSSL on this thread, of which `body` may be one
            let count = SSL_read(connection, buffer.baseAddress, Int32(clamping: buffer.count))
            if count > 0 {
                goesOn = body(.plain(UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(count)])))
            } else if try isOver(count) {
                hasEnded = true
                _ = body(.end)
            } else {
                return
            }
        }
    }

    /// Encrypts plain bytes for the peer, a record for each ``maxRecordBytes``. Only once the connection is open.
    public func send(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        precondition(isOpen, "TLSConnection: sending before the handshake is over")
        var rest = bytes
        while rest.count > 0 {
            let count = SSL_write(connection, rest.baseAddress, Int32(clamping: rest.count))
            guard count > 0 else { throw .taken(otherwise: "OpenSSL cannot encrypt") }
            rest = UnsafeRawBufferPointer(rebasing: rest[Int(count)...])
        }
    }

    /// Says that this side sends no more (close_notify, RFC 8446 6.1).
    public func finish() {
        guard isOpen else { return }
        ERR_clear_error()
        _ = SSL_shutdown(connection)
        ERR_clear_error()
    }

    private var hasInput: Bool { fantail_tls_pending(incoming, nil) > 0 }

    /// Bytes that wait for the peer.
    public var hasOutput: Bool { fantail_tls_pending(outgoing, nil) > 0 }

    /// Calls `body` with all bytes for the peer, valid during the call, and removes them. No bytes, no call.
    public func takeOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start: UnsafeMutablePointer<CChar>?
        let count = fantail_tls_pending(outgoing, &start)
        guard count > 0 else { return }
        body(UnsafeRawBufferPointer(start: start, count: count))
        fantail_tls_empty(outgoing, Self.mostKeptBytes)
    }

    /// The protocol version of the connection, such as `TLSv1.3`.
    public var version: String { String(cString: SSL_get_version(connection)) }

    /// When the peer's certificate expires, in seconds since 1970; 0 where it has shown none.
    public var peerExpiry: Int { Int(fantail_tls_peer_expiry(connection)) }

    /// Whether the client resumed an earlier session, which shortens the handshake (RFC 8446 2.2).
    public var isResumed: Bool { SSL_session_reused(connection) == 1 }

    // MARK: Handshake

    /// OpenSSL recognises few methods of HTTP, but a handshake begins with 22 (RFC 8446 5.1), a request with a letter.
    private func refusePlainHTTP(_ first: UInt8) throws(TLSError) {
        guard !hasBegun else { return }
        hasBegun = true
        if SSL_is_server(connection) == 1, (0x41...0x5A).contains(first) { throw .plainHTTP }
    }

    private func expect(_ host: String) throws(TLSError) {
        let isAddress = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host) == 1
        ERR_clear_error()
        if isAddress { return }
        guard SSL_set1_host(connection, host) == 1, fantail_tls_name_server(connection, host) == 1 else {
            throw .taken(otherwise: "\(host) is no host name")
        }
    }

    private func handshake(_ body: (Event) -> Void) throws(TLSError) {
        ERR_clear_error()
        let result = SSL_do_handshake(connection)
        if result == 1 {
            isOpen = true
            return body(.open)
        }
        let failure = SSL_get_error(connection, result)
        if failure == SSL_ERROR_WANT_READ || failure == SSL_ERROR_WANT_WRITE { return }
        let verdict = SSL_get_verify_result(connection)
        guard verdict == X509_V_OK else {
            ERR_clear_error()
            throw .untrusted(String(cString: X509_verify_cert_error_string(verdict)))
        }
        throw .taken(otherwise: "the handshake failed")
    }

    /// Whether a read without bytes was the end: false where OpenSSL needs more bytes.
    private func isOver(_ result: Int32) throws(TLSError) -> Bool {
        switch SSL_get_error(connection, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return false
        case SSL_ERROR_ZERO_RETURN: return true
        default: throw .taken(otherwise: "the connection is broken")
        }
    }
}

@available(*, unavailable)
extension TLSConnection: Sendable {}
