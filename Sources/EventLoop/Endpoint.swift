import Base

/// An address to connect to.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A host by name or address, and its port.
    case tcp(host: String, port: UInt16)
    /// A unix socket's file.
    case unix(path: String)

    /// `localhost:6379`, `[::1]:6379`, `unix:/run/redis.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension SocketAddress {
    /// The same host with another port; unix sockets stay as they are.
    func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let host, _): .ipv4(host, port: port)
        case .ipv6(let host, _, let scope): .ipv6(host, port: port, scope: scope)
        case .unix: self
        }
    }

    /// `::`, which here stands for both families.
    var isAnyIPv6: Bool {
        if case .ipv6(0, _, _) = self { true } else { false }
    }
}
