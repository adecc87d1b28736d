import EventLoop
import HTTP

/// Who a proxy says the client is. Only what a trusted proxy sends may be asked: anybody can set a field.
enum ForwardedAddress {
    /// `X-Real-IP`, else the last address of `X-Forwarded-For` that is no trusted proxy's: those before it may be made up.
    static func client(_ headers: Headers, trusting proxies: [AddressRange]) -> String? {
        if let text = headers["X-Real-IP"], let address = SocketAddress(literal: text, port: 0) { return address.host }
        for text in headers.values(of: "X-Forwarded-For").reversed() {
            guard let address = SocketAddress(literal: text, port: 0) else { return nil }
            if !proxies.contains(where: { $0.contains(address) }) { return address.host }
        }
        return nil
    }
}
