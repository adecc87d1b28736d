public import Base

/// The addresses that count as one client: one address of IPv4, and of IPv6 the 64 bits below which a network numbers its
/// machines as it likes.
public struct ClientBlock: Hashable, Sendable {
    private let bits: UInt128

    /// The client at `address`. Nil for a unix socket, which says nothing of who is at its other end.
    public init?(_ address: SocketAddress) {
        switch address {
        case .ipv4(let host, _): bits = Self.mapped | UInt128(host)
        // An IPv4 address as a socket of both families has it (RFC 4291 2.5.5.2).
        case .ipv6(let host, _, _): bits = (host >> 32 == Self.mapped >> 32) ? host : (host & Self.network)
        case .unix: return nil
        }
    }

    private static let mapped: UInt128 = 0xFFFF << 32
    private static let network: UInt128 = .max << 64
}
