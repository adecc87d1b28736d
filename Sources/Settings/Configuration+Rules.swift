import RESP

extension Configuration {
    /// Refuses TLS files for a Redis without TLS, which would get the password in the clear, a certificate without its
    /// key, and a login of Sentinels for a Redis without Sentinels.
    public func checkRedis() throws(SettingError) {
        try checkTLS()
        if sentinelUser != nil, sentinelPassword == nil {
            throw SettingError("--sentinel-user is set without --sentinel-password; expected both")
        }
        if case .sentinel? = redisURL { return }
        guard sentinelPassword != nil else { return }
        throw SettingError("--sentinel-password is for Sentinels; expected --redis redis-sentinel://h1,h2,…/NAME")
    }

    private func checkTLS() throws(SettingError) {
        if (redisTLS.certificate == nil) != (redisTLS.key == nil) {
            let (missing, given) =
                redisTLS.key == nil ? ("--redis-key", "--redis-cert") : ("--redis-cert", "--redis-key")
            throw SettingError("\(given) is set without \(missing); expected both")
        }
        guard redisTLS != RedisTLS(), redis?.tls == nil else { return }
        throw SettingError(
            "--redis-ca, --redis-cert and --redis-key are for Redis over TLS only; expected --redis rediss://…"
        )
    }

    /// The files of the certificate for the clients' port; nil for a port without TLS.
    public var certificateFiles: (certificate: String, key: String)? {
        get throws(SettingError) {
            if let certificate, let certificateKey { return (certificate, certificateKey) }
            guard certificate != nil || certificateKey != nil else { return nil }
            let (missing, given) =
                certificateKey == nil ? ("--tls-key", "--tls-cert") : ("--tls-cert", "--tls-key")
            throw SettingError("\(given) is set without \(missing); expected both")
        }
    }
}
