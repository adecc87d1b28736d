internal import CTLS

/// The certificates and trusted authorities that the connections of one side share. TLS 1.2 and 1.3.
///
/// OpenSSL counts references to the context and locks it where necessary, so that every loop may use the same context.
public final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer
    let isServer: Bool

    /// A client's side.
    ///
    /// - Parameters:
    ///   - authorities: a PEM file with the certificates of the trusted authorities; nil for the system's.
    ///   - identity: a client certificate with its key, for servers that ask for one.
    public static func client(
        authorities: String? = nil, identity: (certificate: String, key: String)? = nil
    ) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: false)
        try context.trust(authorities)
        if let identity { try context.use(certificate: identity.certificate, key: identity.key) }
        return context
    }

    /// A server's side, for HTTP/1.1, with session resumption. `certificate` is a PEM file with the chain, the server's
    /// own first; `key` the PEM file of its private key.
    public static func server(certificate: String, key: String) throws(TLSError) -> TLSContext {
        let context = try TLSContext(isServer: true)
        fantail_tls_serve_http1(context.pointer)
        try context.use(certificate: certificate, key: key)
        return context
    }

    private init(isServer: Bool) throws(TLSError) {
        guard let pointer = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw .taken(otherwise: "OpenSSL has no memory for a context")
        }
        self.pointer = pointer
        self.isServer = isServer
        // An idle connection holds no buffers, which saves 34 KiB each.
        fantail_tls_save_memory(pointer)
        fantail_tls_never_ask(pointer)
        guard fantail_tls_at_least_1_2(pointer) == 1 else { throw .taken(otherwise: "OpenSSL has no TLS 1.2") }
    }

    deinit { SSL_CTX_free(pointer) }

    /// When the context's own certificate expires, in seconds since 1970; 0 where there is none.
    public var expiry: Int { Int(fantail_tls_own_expiry(pointer)) }

    private func trust(_ authorities: String?) throws(TLSError) {
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        guard let authorities else {
            guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw .taken(otherwise: "the system's certificate authorities cannot be read")
            }
            return
        }
        guard SSL_CTX_load_verify_locations(pointer, authorities, nil) == 1 else {
            throw .file("\(authorities) contains no certificate authority: \(Self.reason)")
        }
    }

    private func use(certificate: String, key: String) throws(TLSError) {
        guard SSL_CTX_use_certificate_chain_file(pointer, certificate) == 1 else {
            throw .file("\(certificate) contains no certificate chain: \(Self.reason)")
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, key, SSL_FILETYPE_PEM) == 1 else {
            throw .file("\(key) contains no private key for that certificate: \(Self.reason)")
        }
    }

    private static var reason: String { TLSError.taken(otherwise: "it cannot be read").message }
}
