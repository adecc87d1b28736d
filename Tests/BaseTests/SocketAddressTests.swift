import Base
import Testing

@Suite("SocketAddress")
struct SocketAddressTests {
    @Test(
        "reads and writes literals of both families",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("::1", "[::1]:80"), ("::", "[::]:80"),
            ("2001:db8::17", "[2001:db8::17]:80"), ("::ffff:10.1.2.3", "10.1.2.3:80"),
            ("0:0::1", "[::1]:80"), ("2001:DB8:0:0:1::1", "[2001:db8::1:0:0:1]:80"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:80"),
        ])
    func literals(text: String, description: String) {
        #expect(SocketAddress(literal: text, port: 80)?.description == description)
    }

    @Test(
        "names are not literals, nor is an address with an interface",
        arguments: [
            "localhost", "", "127.1", "1.2.3.4.5", "::g", "127.0.0.1:80", "127.0.0.1\0", "::1\0", "127.0.0.01",
            "fe80::1%lo", "fe80::1%1",
        ])
    func names(text: String) {
        #expect(SocketAddress(literal: text, port: 80) == nil)
    }

    @Test("the first byte of an address is the highest")
    func order() {
        #expect(SocketAddress(literal: "10.1.2.3", port: 1) == .ipv4(0x0a01_0203, port: 1))
        #expect(SocketAddress(literal: "2001::1", port: 1) == .ipv6(0x2001 << 112 | 1, port: 1, scope: 0))
    }
}
