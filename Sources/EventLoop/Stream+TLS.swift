public import TLS

extension Stream {
    /// Speaks TLS from now on: the handler gets plain bytes and gives plain bytes. Before the first read and write, once.
    ///
    /// Plain bytes cannot be written before the handshake is over, so ``tryWrite(_:)`` answers `-EPIPE` until then. A client
    /// waits for `whenOpen`; a server is never first to speak.
    ///
    /// - Parameter whenOpen: called once, when the handshake is over, before plain bytes are handed to the handler. Where the
    ///   handshake fails, the stream ends, and ``securityError`` says why.
    public func secure(with connection: TLSConnection, whenOpen: (() -> Void)? = nil) {
        loop.assertCurrent()
        precondition(security == nil && !hasPendingWrite, "Stream: TLS in the middle of a conversation")
        let security = StreamSecurity(connection, whenOpen: whenOpen)
        self.security = security
        security.flush(on: self)
    }

    /// Why TLS ended the stream; nil where it did not, and for one that speaks plainly.
    public var securityError: TLSError? { security?.error }

    /// Bytes that it has taken in ``tryWrite(_:)`` and the kernel has not: encrypted ones, which cannot be handed back. While there
    /// are some, ``isWriting`` is true, and nothing more is taken. None for a stream that speaks plainly.
    public var bytesBehind: Int { security?.bytesBehind ?? 0 }

    /// Whether it speaks TLS.
    public var isSecure: Bool { security != nil }
}
