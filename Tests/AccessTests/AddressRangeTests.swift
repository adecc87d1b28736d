import Base
import HTTP
import Testing

@testable import Access

@Suite("Trusted proxies")
struct AddressRangeTests {
    private func contains(_ range: String, _ address: String) throws -> Bool {
        try #require(AddressRange(range)).contains(#require(SocketAddress(literal: address, port: 1)))
    }

    @Test(
        "a block holds its addresses, in whichever form they come",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.4", false), ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "fd00::1", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "::1", true),
            ("::/0", "10.0.0.1", true), ("::ffff:10.0.0.0/104", "10.9.9.9", true),
            ("192.168.1.128/25", "192.168.1.127", false),
            ("192.168.1.128/25", "192.168.1.128", true), ("::1", "::1", true),
        ])
    func membership(_ range: String, _ address: String, _ isIn: Bool) throws {
        #expect(try contains(range, address) == isIn)
    }

    @Test(
        "what is no block is refused",
        arguments: [
            "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0", "fd00::/129",
            "fd00::1/8", "proxy.example", "10.0.0.0/8 ", "10.0.0.0/0x8", "::ffff:10.0.0.0/8", "10.0.0.0/+8",
            "10.0.0.0/9223372036854775808", "10.0.0.0/18446744073709551624",
            "10.0.0.0/1e1", "10.0.0.0/8.0", "0177.0.0.0/8", "0x7f.0.0.0/8", "127.1", "2130706433", "10.0.0.0./8",
            "fe80::1%eth0",
            "fe80::%eth0/64", "[::1]", "[::1]/128",
        ])
    func refused(_ text: String) { #expect(AddressRange(text) == nil) }

    @Test(
        "the client is whom the last trusted proxy names",
        arguments: [
            (["X-Real-IP": "203.0.113.7"], "203.0.113.7"), (["X-Forwarded-For": "203.0.113.7"], "203.0.113.7"),
            (["X-Forwarded-For": "1.2.3.4, 203.0.113.7"], "203.0.113.7"),
            (["X-Forwarded-For": "1.2.3.4, 203.0.113.7, 10.0.0.9"], "203.0.113.7"),
            (["X-Forwarded-For": "2001:db8::5, 10.0.0.9"], "2001:db8::5"),
            (["X-Real-IP": "203.0.113.7", "X-Forwarded-For": "9.9.9.9"], "203.0.113.7"),
            (["X-Real-IP": "nobody", "X-Forwarded-For": "9.9.9.9"], "9.9.9.9"),
            (["X-Forwarded-For": "1.2.3.4, nobody"], nil), (["X-Forwarded-For": "10.0.0.1, 10.0.0.2"], nil), ([:], nil),
        ] as [(Headers, String?)])
    func clients(_ headers: Headers, _ client: String?) throws {
        let proxies = [try #require(AddressRange("10.0.0.0/8"))]
        #expect(ForwardedAddress.client(headers, trusting: proxies) == client)
    }
}
