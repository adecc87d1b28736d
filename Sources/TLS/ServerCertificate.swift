import Synchronization

/// The certificate that a node shows its clients, with its key. All loops share it; it is read anew without a restart.
public final class ServerCertificate: Sendable {
    private let certificate: String
    private let key: String
    private let context: Mutex<TLSContext>

    /// Reads the PEM files of the chain and of the key.
    public init(certificate: String, key: String) throws(TLSError) {
        self.certificate = certificate
        self.key = key
        context = Mutex(try TLSContext.server(certificate: certificate, key: key))
    }

    /// Reads the files again. Connections that begin from now on are shown what is in them; where they cannot be used, or hold a
    /// certificate that has expired at `now` (seconds since 1970), the one that there was.
    public func read(now: Int) throws(TLSError) {
        let fresh = try TLSContext.server(certificate: certificate, key: key)
        guard fresh.expiry > now else { throw .file("\(certificate) holds a certificate that has expired") }
        context.withLock { $0 = fresh }
    }

    /// When it expires, in seconds since 1970.
    public var expiry: Int { context.withLock { $0.expiry } }

    /// The node's side of a connection that begins.
    public func connection() throws(TLSError) -> TLSConnection {
        try TLSConnection(server: context.withLock { $0 })
    }
}
