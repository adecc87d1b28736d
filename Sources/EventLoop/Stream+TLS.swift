public import TLS

extension Stream {
    /// Starts TLS: the handler reads and writes plain bytes. Call it once, before the first read and write.
    ///
    /// The stream takes no plain bytes during the handshake: ``tryWrite(_:)`` returns `-EPIPE` until then. A client
    /// waits for `whenOpen`; a server never speaks first.
    ///
    /// - Parameter whenOpen: called once, at the end of the handshake, before the handler gets plain bytes. Where the
    ///   handshake fails, the stream ends, and ``securityError`` says why.
    public func secure(with connection: TLSConnection, whenOpen: (() -> Void)? = nil) {
        loop.assertCurrent()
        precondition(security == nil && !hasPendingWrite, "Stream: TLS in the middle of a conversation")
        let security = StreamSecurity(connection, whenOpen: whenOpen)
        self.security = security
        security.flush(on: self)
    }

    /// Why TLS ended the stream; nil where TLS did not end it, and for a plain stream.
    public var securityError: TLSError? { security?.error }

    /// Encrypted bytes that ``tryWrite(_:)`` took and the kernel did not; the stream cannot return them. While there
    /// are some, ``isWriting`` is true, and the stream takes no more bytes. None for a plain stream.
    public var bytesBehind: Int { security?.bytesBehind ?? 0 }

    /// The protocol version and the expiry of the peer's certificate (seconds since 1970); nil for a plain stream.
    public var securityTerms: (version: String, peerExpiry: Int)? { security?.terms }

    /// Whether the stream speaks TLS.
    public var isSecure: Bool { security != nil }
}
