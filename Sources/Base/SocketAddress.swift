internal import Glibc

/// The address of a socket's end.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// An IPv4 address, its first byte in the highest bits.
    case ipv4(UInt32, port: UInt16)
    /// An IPv6 address, its first byte in the highest bits. An IPv4 address in IPv6 form (`::ffff:1.2.3.4`, as in a
    /// socket of both families) is ``ipv4(_:port:)`` instead.
    case ipv6(UInt128, port: UInt16, scope: UInt32)
    /// A unix socket's file; empty for a client's, which has none.
    case unix(path: String)

    /// The address with the bits `host`.
    public init(ipv6 host: UInt128, port: UInt16, scope: UInt32) {
        self =
            host >> 32 == 0xFFFF
            ? .ipv4(UInt32(truncatingIfNeeded: host), port: port) : .ipv6(host, port: port, scope: scope)
    }

    /// Reads an address from its text, `127.0.0.1` or `::1`. Nil for names, and for an address with an interface
    /// (`fe80::1%eth0`, RFC 4007 11): only the system knows the interface's number, and programs differ in how they
    /// read the text after `%`.
    public init?(literal host: String, port: UInt16) {
        // C would stop at a zero.
        guard !host.utf8.contains(0) else { return nil }
        var ipv4: UInt32 = 0
        var ipv6: UInt128 = 0
        if inet_pton(AF_INET, host, &ipv4) == 1 {
            self = .ipv4(UInt32(bigEndian: ipv4), port: port)
        } else if inet_pton(AF_INET6, host, &ipv6) == 1 {
            self.init(ipv6: UInt128(bigEndian: ipv6), port: port, scope: 0)
        } else {
            return nil
        }
    }

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
        case .ipv4(let host, _): Self.text(AF_INET, host.bigEndian)
        case .ipv6(let host, _, _): Self.text(AF_INET6, host.bigEndian)
        case .unix(let path): path
        }
    }

    private static func text(_ family: Int32, _ bits: some FixedWidthInteger) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
            withUnsafePointer(to: bits) { inet_ntop(family, $0, text.baseAddress, socklen_t(text.count)) }
                .map { String(cString: $0) } ?? ""
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
}

extension SocketAddress {
    /// Whether only this machine can reach it: 127.0.0.0/8 (RFC 5735 3), `::1` (RFC 4291 2.5.3), a unix socket.
    public var isLoopback: Bool {
        switch self {
        case .ipv4(let host, _): host >> 24 == 127
        case .ipv6(let host, _, _): host == 1
        case .unix: true
        }
    }

    /// Whether a host in a setting or URL is this machine: `localhost`, or one of its addresses in full. Any other name
    /// may be another machine's, whatever it begins with.
    public static func isThisMachine(host: String) -> Bool {
        host == "localhost" || SocketAddress(literal: host, port: 0)?.isLoopback ?? false
    }
}
