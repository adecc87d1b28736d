public import RESP

/// Where one of the servers of a Redis Cluster listens.
public typealias Address = RedisEndpoint.Address

extension Address {
    /// Reads `host:port` as Redis writes it: IPv6 has no brackets, so the last colon counts. Without a host it is that of `place`;
    /// nil where the host is `?`, which Redis does not know, or the port is none.
    init?(redirectedTo text: some StringProtocol, from place: Address) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        self.init(host: text[..<colon], port: port, askedAt: place)
    }

    /// `host` as Redis says it, empty where it is the one that was asked.
    init?(host: some StringProtocol, port: UInt16, askedAt place: Address) {
        guard host != "?" else { return nil }
        if !host.isEmpty {
            self = .tcp(host: String(host), port: port)
        } else if case .tcp(let host, _) = place {
            self = .tcp(host: host, port: port)
        } else {
            // Asked over a unix socket: it is this machine.
            self = .tcp(host: "127.0.0.1", port: port)
        }
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(text), port > 0 else { return nil }
        return port
    }
}
