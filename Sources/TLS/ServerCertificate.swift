import Synchronization

/// A node's certificate for clients, with its key. All loops share it; the node reads it again without a restart.
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

    /// Reads the files again. New connections get the new certificate, or the old one where the files are unusable or
    /// hold a certificate that has expired at `now` (seconds since 1970).
    public func read(now: Int) throws(TLSError) {
        let fresh = try TLSContext.server(certificate: certificate, key: key)
        guard fresh.expiry > now else { throw .file("\(certificate) contains an expired certificate") }
        context.withLock { $0 = fresh }
    }

    /// When the certificate expires, in seconds since 1970.
    public var expiry: Int { context.withLock { $0.expiry } }

    /// The node's side of a new connection.
    public func connection() throws(TLSError) -> TLSConnection {
        try TLSConnection(server: context.withLock { $0 })
    }
}
