import Access
import Base
import Glibc
import RESP
import Redis
package import Settings
import Store
package import TLS
package import Token

/// The conditions for a node to start.
package enum StartRules {
    /// Checks settings that depend on each other, and fills in the defaults of `--dev`.
    package static func check(_ configuration: inout Configuration) throws(StartFailure) {
        let presence = configuration.presence
        guard presence.leaseMilliseconds >= presence.heartbeatMilliseconds * 3 else {
            throw .usage(
                "--presence-lease must be at least three times --presence-heartbeat (\(presence.heartbeatMilliseconds) ms)"
            )
        }
        try checkRedis(configuration)
        _ = try certificate(of: configuration)
        if configuration.internalPort == configuration.port {
            throw .usage("--internal-port must be another port than --port (\(configuration.port))")
        }
        if configuration.isDevelopment {
            if let host = configuration.host, !SocketAddress.isThisMachine(host: host) {
                throw .usage("--dev listens on loopback addresses only; expected --host localhost, got '\(host)'")
            }
            configuration.host = configuration.host ?? "localhost"
            return
        }
        if configuration.droppedPerThousand > 0 {
            throw .usage("--drop-for-tests works with --dev only")
        }
        if configuration.authToken == Authenticator.demoToken {
            throw .usage("WS_AUTH_TOKEN: demo-token is for --dev only; expected your own secret")
        }
        let keys = [
            configuration.jwtSecret, configuration.jwtPublicKey, configuration.apiKey, configuration.authToken,
        ]
        if let secret = configuration.jwtSecret, secret.utf8.count < TokenLimits.minSecretBytes {
            throw .usage(
                "--jwt-secret has \(secret.utf8.count) bytes; expected at least \(TokenLimits.minSecretBytes) "
                    + "random bytes, as openssl rand -base64 32 prints them: anyone with a token can guess a shorter secret"
            )
        }
        guard keys.contains(where: { $0 != nil }) else {
            throw .usage(
                "no key is configured: set --jwt-secret (FANTAIL_JWT_SECRET) or --jwt-public-key, or use --dev for trials"
            )
        }
    }

    private static func checkRedis(_ configuration: Configuration) throws(StartFailure) {
        do throws(SettingError) { try configuration.checkRedis() } catch { throw .usage(error.message) }
        do throws(RedisFailure) { try configuration.redis?.tls?.check() } catch { throw .usage("\(error)") }
    }

    /// The certificate of the clients' port; nil for a port without TLS.
    package static func certificate(of configuration: Configuration) throws(StartFailure) -> ServerCertificate? {
        let files: (certificate: String, key: String)?
        do throws(SettingError) { files = try configuration.certificateFiles } catch { throw .usage(error.message) }
        guard let files else { return nil }
        do throws(TLSError) {
            return try ServerCertificate(certificate: files.certificate, key: files.key)
        } catch {
            throw .usage(error.message)
        }
    }

    /// The host in the addresses of the first log line.
    package static func announcedHost(_ configuration: Configuration) -> String {
        let host = configuration.host ?? "0.0.0.0"
        if configuration.isDevelopment, ["127.0.0.1", "::1"].contains(host) { return "localhost" }
        return host.contains(":") ? "[\(host)]" : host
    }

    /// The keys that verify tokens.
    package static func keys(of configuration: Configuration) throws(StartFailure) -> [TokenKey] {
        var keys: [TokenKey] = []
        if let secret = configuration.jwtSecret { keys.append(.secret(Array(secret.utf8))) }
        if let key = configuration.jwtPublicKey {
            keys.append(.publicKeyPEM(key.contains("-----BEGIN") ? Array(key.utf8) : try read(file: key)))
        }
        return keys
    }

    private static func read(file path: String) throws(StartFailure) -> [UInt8] {
        do {
            return try SettingFile.bytes(path)
        } catch {
            throw .usage("--jwt-public-key: expected PEM text or its file; \(error.message)")
        }
    }

    /// Host name and process id.
    package static func defaultNodeID() -> String { hostName() + "-\(getpid())" }

    /// The machine's name, without characters that a node's name may not have.
    static func hostName() -> String {
        var name = [CChar](repeating: 0, count: 65)
        gethostname(&name, 64)
        let host = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let safe = host.prefix(48).map { (0x21...0x7E).contains($0) && $0 != 0x7B && $0 != 0x7D ? $0 : 0x2D }
        return String(decoding: safe, as: UTF8.self)
    }

    /// Cores this process may use.
    package static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
