public import RESP

internal import EventLoop
internal import TLS

extension RedisFailure {
    /// The error of an attempt that made no connection.
    init(_ error: SystemError) { self = .unreachable(code: error.name, message: error.message) }

    /// The error of an attempt that made no TLS connection to `address`.
    init(_ error: SecureConnectError, of address: RedisEndpoint.Address, _ milliseconds: UInt64) {
        switch error {
        case .system(let error): self.init(error)
        case .insecure(let error): self.init(error, of: address)
        case .ended: self = .ended("closed by Redis in the middle of the TLS handshake")
        case .silent:
            self = .insecure(
                "no answer to the handshake within \(milliseconds) ms; a Redis without TLS there needs redis://")
        }
    }

    /// Why TLS with `address` is impossible or has ended.
    init(_ error: TLSError, of address: RedisEndpoint.Address) {
        switch error {
        case .file(let message): self = .untrusted(message)
        case .untrusted(let reason):
            let host = address.host.map { "that \($0) shows" } ?? "of Redis"
            self = .untrusted("the certificate \(host) is not trusted: \(reason)")
        case .rejected(let reason):
            self = .untrusted("Redis refuses the client certificate, or requires one (--redis-cert): \(reason)")
        // OpenSSL's reason for bytes that are not a TLS record.
        case .failed("wrong version number"):
            self = .insecure("the server there does not use TLS; a Redis without TLS needs redis://")
        case .plainHTTP, .failed: self = .insecure(error.message)
        }
    }
}

extension RedisEndpoint.Address {
    /// The host that the certificate must name.
    var host: String? { if case .tcp(let host, _) = self { host } else { nil } }
}

extension RedisTLS {
    /// Reads the files.
    func context() throws(RedisFailure) -> TLSContext {
        var identity: (certificate: String, key: String)?
        if let certificate, let key { identity = (certificate, key) }
        do throws(TLSError) {
            return try TLSContext.client(authorities: authorities, identity: identity)
        } catch {
            throw .untrusted(error.message)
        }
    }

    /// Fails where a file is unusable now.
    public func check() throws(RedisFailure) { _ = try context() }
}
