import Base
import Testing

@Suite("This machine")
struct ThisMachineTests {
    @Test(
        "localhost, and every loopback address in full",
        arguments: [
            "localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "0:0::1", "::ffff:127.0.0.1",
            "::FFFF:7f00:1",
        ])
    func local(_ host: String) { #expect(SocketAddress.isThisMachine(host: host)) }

    @Test(
        "nothing that only looks like it",
        arguments: [
            "", "127.example.com", "127.0.0.1.example.com", "127.evil", "127.", "127", "127.1", "127.0.1", "0177.0.0.1",
            "0x7f.0.0.1", "0x7f000001", "2130706433", "127.0.0.1.", "127.0.0.256", "127.0.0.01", " 127.0.0.1",
            "127.0.0.1 ",
            "localhost.", "localhost.example", "LOCALHOST", "Localhost", "localhost@evil", "localhost%00", "::1%lo",
            "::1%evil",
            "127.0.0.1%lo", "[::1]", "::", "::2", "0.0.0.0", "128.0.0.1", "126.255.255.255", "::127.0.0.1",
            "::ffff:10.0.0.1",
            "10.0.0.1", "fe80::1", "example.com",
        ])
    func elsewhere(_ host: String) { #expect(!SocketAddress.isThisMachine(host: host)) }
}
