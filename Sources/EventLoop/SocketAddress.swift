/// Where a socket is, or where it is to connect to.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address, its first byte in the highest bits.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address, its first byte in the highest bits. One that stands for an IPv4 address (`::ffff:1.2.3.4`, as
    /// a socket for both families shows it) is given as ``ipv4(_:port:)`` instead.
    case ipv6(UInt128, port: UInt16, scope: UInt32)
    /// A unix socket's file; empty for a client's, which has none.
    case unix(path: String)

    /// The port; nil for unix sockets.
    public var port: UInt16? {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .unix: nil
        }
    }

    /// The address without the port, as text; a unix socket's path.
    public var host: String {
        switch self {
        case .ipv4, .ipv6: RawSocketAddress(self)?.host ?? ""
        case .unix(let path): path
        }
    }

    /// `127.0.0.1:8000`, `[::1]:8000`, `unix:/run/redis.sock`.
    public var description: String {
        switch self {
        case .ipv4(_, let port): "\(host):\(port)"
        case .ipv6(_, let port, _): "[\(host)]:\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Reads an address from its text, `127.0.0.1` or `::1`; nil for names.
    public init?(literal host: String, port: UInt16) {
        guard let address = RawSocketAddress(literal: host, port: port)?.address else { return nil }
        self = address
    }

    /// Whether only this machine can reach it: 127.0.0.0/8 (RFC 5735 3), `::1` (RFC 4291 2.5.3), a unix socket.
    public var isLoopback: Bool {
        switch self {
        case .ipv4(let host, _): host >> 24 == 127
        case .ipv6(let host, _, _): host == 1
        case .unix: true
        }
    }

    /// Whether a host, as settings and URLs name one, is this machine: `localhost`, or one of its addresses in full. Any other
    /// name may be anybody's, whatever it begins with.
    public static func isThisMachine(host: String) -> Bool {
        if host == "localhost" { return true }
        // An interface behind the address (RFC 4007 11) says nothing here, and others read what is behind `%` in other ways.
        guard !host.utf8.contains(UInt8(ascii: "%")) else { return false }
        return SocketAddress(literal: host, port: 0)?.isLoopback ?? false
    }

    /// The same host with another port; unix sockets stay as they are.
    func with(port: UInt16) -> SocketAddress {
        switch self {
        case .ipv4(let host, _): .ipv4(host, port: port)
        case .ipv6(let host, _, let scope): .ipv6(host, port: port, scope: scope)
        case .unix: self
        }
    }

    /// `::`, which by our choice stands for both families.
    var isAnyIPv6: Bool {
        if case .ipv6(0, _, _) = self { true } else { false }
    }
}

/// Where to connect to.
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
