/// The PEM files for TLS with Redis; each connect reads them again. No setting disables a check.
public struct RedisTLS: Sendable, Equatable {
    /// The certificates of the trusted authorities; nil for the system's.
    public var authorities: String?
    /// The client certificate with its chain; nil where Redis asks for none.
    public var certificate: String?
    /// The key of that certificate.
    public var key: String?

    /// TLS with these files.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
