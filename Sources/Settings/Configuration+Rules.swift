import RESP

extension Configuration {
    /// Refuses files for the TLS of a Redis that is reached without it, since its password would travel in the clear, and a
    /// certificate without its key.
    public func checkRedis() throws(SettingError) {
        if (redisTLS.certificate == nil) != (redisTLS.key == nil) {
            let (missing, given) =
                redisTLS.key == nil ? ("--redis-key", "--redis-cert") : ("--redis-cert", "--redis-key")
            throw SettingError("\(given) is set without \(missing); expected both")
        }
        guard redisTLS != RedisTLS(), redis?.tls == nil else { return }
        throw SettingError(
            "--redis-ca, --redis-cert and --redis-key are for a Redis that is reached by TLS; expected --redis rediss://…"
        )
    }
}
