package import EventLoop
package import RESP

internal import TLS

/// What the TLS handshake with a server agreed on: for `fantail check`.
package struct TLSTerms: Sendable, Hashable {
    /// The protocol version, such as `TLSv1.3`.
    package let version: String
    /// When the server's certificate expires, in seconds since 1970.
    package let expiry: Int

    /// A version and an expiry.
    package init(version: String, expiry: Int) {
        self.version = version
        self.expiry = expiry
    }

    /// Connects to `endpoint`, and hangs up after the handshake; nil where that fails or the endpoint has no TLS. On the loop.
    package static func of(
        _ endpoint: RedisEndpoint, loop: EventLoop, timeoutMilliseconds: UInt64,
        isolation: isolated (any Actor)? = #isolation
    ) async -> TLSTerms? {
        var dial: RedisDial?
        let terms = await withCheckedContinuation { (continuation: CheckedContinuation<TLSTerms?, Never>) in
            dial = RedisDial(endpoint, loop: loop, timeoutMilliseconds: timeoutMilliseconds) { result in
                let stream = try? result.get()
                continuation.resume(
                    returning: stream?.securityTerms.map { TLSTerms(version: $0.version, expiry: $0.peerExpiry) })
                stream?.close()
            }
        }
        withExtendedLifetime(dial) {}
        return terms
    }
}

extension RedisTLS {
    /// When the client's own certificate expires, in seconds since 1970; nil where there is none, or it cannot be used.
    package var ownExpiry: Int? {
        guard certificate != nil else { return nil }
        return try? context().expiry
    }
}
