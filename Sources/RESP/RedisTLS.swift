/// What TLS to Redis needs: files in PEM form, which are read anew at each connect. There is no way to leave a check out.
public struct RedisTLS: Sendable, Equatable {
    /// The certificates of the authorities that are believed; nil for the system's.
    public var authorities: String?
    /// The certificate by which Redis knows us, with its chain; nil where Redis asks for none.
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
