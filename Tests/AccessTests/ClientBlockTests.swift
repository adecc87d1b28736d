import Access
import Base
import Testing

@Suite("ClientBlock")
struct ClientBlockTests {
    private func block(_ address: String) throws -> ClientBlock {
        let address = try #require(SocketAddress(literal: address, port: 1))
        return try #require(ClientBlock(address))
    }

    @Test(
        "an IPv4 address is a client, also as IPv6 has it, and so are 64 bits of IPv6",
        arguments: [
            ("192.0.2.1", "::ffff:192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false), ("0.0.0.0", "::", false), ("::", "::ffff", true),
        ])
    func blocks(_ one: String, _ other: String, _ isOne: Bool) throws {
        #expect(try (block(one) == block(other)) == isOne)
    }

    @Test("the port does not identify the client")
    func ports() {
        #expect(ClientBlock(.ipv4(1, port: 1)) == ClientBlock(.ipv4(1, port: 2)))
        #expect(ClientBlock(.ipv6(1, port: 1, scope: 0)) == ClientBlock(.ipv6(1, port: 2, scope: 3)))
    }

    @Test("a socket shows an IPv4 address in either form")
    func mapped() {
        #expect(ClientBlock(.ipv6(0xFFFF << 32 | 7, port: 1, scope: 0)) == ClientBlock(.ipv4(7, port: 1)))
    }

    @Test("a unix socket identifies no client") func unix() { #expect(ClientBlock(.unix(path: "/a")) == nil) }
}
