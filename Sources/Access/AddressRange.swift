public import Base

/// A block of addresses in CIDR notation, `10.0.0.0/8` or `fd00::/8`; a bare address is a block of one.
public struct AddressRange: Sendable, Equatable {
    private let base: UInt128
    private let mask: UInt128

    /// Reads a block. Nil where `text` is none, or bits after its prefix are set.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = SocketAddress(literal: String(parts[0]), port: 0),
            let base = Self.bits(of: address)
        else { return nil }
        // By the text: `::ffff:10.0.0.0` counts as an IPv4 address, but its prefix is one of IPv6.
        let width = parts[0].contains(":") ? 128 : 32
        guard parts.dropFirst().allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let length = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(length)
        else { return nil }
        let hostBits = width - length
        mask = hostBits == 128 ? 0 : UInt128.max << UInt128(hostBits)
        guard base & mask == base else { return nil }
        self.base = base
    }

    /// Whether `address` is in the block. A unix socket is in none.
    public func contains(_ address: SocketAddress) -> Bool {
        Self.bits(of: address).map { $0 & mask == base } ?? false
    }

    /// IPv4 addresses in IPv6 form, `::ffff:a.b.c.d` (RFC 4291 2.5.5.2).
    private static func bits(of address: SocketAddress) -> UInt128? {
        switch address {
        case .ipv4(let host, _): 0xFFFF << 32 | UInt128(host)
        case .ipv6(let host, _, _): host
        case .unix: nil
        }
    }
}
