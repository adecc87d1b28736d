public import RESP

/// The address of a server of a Redis Cluster.
public typealias Address = RedisEndpoint.Address

extension Address {
    /// Reads `host:port` in the form of Redis: IPv6 has no brackets, so the last colon counts. An empty host stands for
    /// the host of `place`. Nil where the host is `?`, unknown to Redis, or the port is invalid.
    init?(redirectedTo text: some StringProtocol, from place: Address) {
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            return nil
        }
        self.init(host: text[..<colon], port: port, askedAt: place)
    }

    /// An address from a reply of the server at `place`; an empty `host` stands for that server's host.
    init?(host: some StringProtocol, port: UInt16, askedAt place: Address) {
        guard host != "?" else { return nil }
        if !host.isEmpty {
            self = .tcp(host: String(host), port: port)
        } else if case .tcp(let host, _) = place {
            self = .tcp(host: host, port: port)
        } else {
            // The server at a unix socket is on this machine.
            self = .tcp(host: "127.0.0.1", port: port)
        }
    }

    private static func port(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = UInt16(text), port > 0 else { return nil }
        return port
    }
}
