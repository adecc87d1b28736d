import Base
public import HTTP

/// The client that a proxy names. Anybody can set these fields, so read them only where a trusted proxy sent them.
public enum ForwardedAddress {
    /// The client's address: `X-Real-IP`, else the last address of `X-Forwarded-For` that is not a trusted proxy's. The
    /// client can forge the addresses before it.
    public static func client(_ headers: Headers, trusting proxies: [AddressRange]) -> String? {
        if let text = headers["X-Real-IP"], let address = SocketAddress(literal: text, port: 0) { return address.host }
        for text in headers.values(of: "X-Forwarded-For").reversed() {
            guard let address = SocketAddress(literal: text, port: 0) else { return nil }
            if !proxies.contains(where: { $0.contains(address) }) { return address.host }
        }
        return nil
    }
}
