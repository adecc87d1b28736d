public import Base

/// The addresses that count as one client: one IPv4 address, or 64 bits of an IPv6 address, since a network numbers its
/// machines freely below those.
public struct ClientBlock: Hashable, Sendable {
    private let bits: UInt128

    /// The client at `address`. Nil for a unix socket, which does not identify its peer.
    public init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, _): bits = Self.mapped | UInt128(host)
        // An IPv4 address in a socket of both families (RFC 4291 2.5.5.2).
        case .ipv6(let host, _, _): bits = (host >> 32 == Self.mapped >> 32) ? host : (host & Self.network)
        case .unix: return nil
        }
    }

    private static let mapped: UInt128 = 0xFFFF << 32
    private static let network: UInt128 = .max << 64
}
