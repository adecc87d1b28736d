import RESP
import Testing

@testable import Sentinels

@Suite("What Sentinels answer")
struct SentinelRepliesTests {
    private static let sentinel = RedisEndpoint.Address.tcp(host: "s", port: 26379)

    private static func bulk(_ text: String) -> RedisValue { .bulk(Array(text.utf8)) }
    private static func words(_ texts: String...) -> RedisValue { .array(texts.map(bulk)) }

    private func master(_ reply: RedisValue) -> SentinelWatch.Event { SentinelReplies.master(reply, of: Self.sentinel) }

    @Test("is where the master is, or that the name is not known")
    func master() {
        #expect(master(Self.words("10.0.0.1", "6379")) == .answered(Self.sentinel, .tcp(host: "10.0.0.1", port: 6379)))
        #expect(master(Self.words("::1", "65535")) == .answered(Self.sentinel, .tcp(host: "::1", port: 65535)))
        #expect(master(.null) == .answered(Self.sentinel, nil))
    }

    @Test(
        "is nobody's address where it is none",
        arguments: [
            .array([]), words("h"), words("h", "6379", "x"), words("", "6379"), words("h h", "6379"),
            words("h\0", "6379"),
            words(String(repeating: "h", count: 256), "6379"), .integer(1), .status("OK"), bulk("h:6379"),
            .array([.null, .null]), .array([.integer(1), .integer(6379)]), .array([.bulk([0xFF]), bulk("6379")]),
        ] as [RedisValue])
    func noAddress(reply: RedisValue) {
        guard case .failed(Self.sentinel, .nonsense) = master(reply) else { return #expect(Bool(false)) }
    }

    @Test(
        "has no port beyond those that there are",
        arguments: [
            "-1", "0", "65536", "2147483648", "9223372036854775807", "9223372036854775808", "18446744073709551616",
            "1000000000000000000000000000000", "1.5", "1e3", "", "x", " 6379",
        ])
    func port(text: String) {
        guard case .failed = master(Self.words("h", text)) else { return #expect(Bool(false)) }
        #expect(SentinelReplies.peers(.array([Self.words("ip", "h", "port", text, "runid", "1")])).isEmpty)
    }

    @Test("names the others, in whatever order the fields are, and passes over what is no Sentinel")
    func peers() {
        let good = Self.words("name", "x", "runid", "1", "port", "26379", "ip", "h", "flags", "sentinel")
        let bad: [RedisValue] = [
            Self.words("ip", "h", "port", "1"), Self.words("ip", "h", "port", "1", "runid", ""), Self.words("ip"),
            .null,
            .integer(1), .array([]), .array([.null, .null, .null]),
        ]
        let expected = [SentinelWatch.Peer(address: .tcp(host: "h", port: 26379), id: "1")]
        #expect(SentinelReplies.peers(.array([good] + bad)) == expected)
        for reply in [RedisValue.null, .integer(1), Self.bulk("x"), .array([])] {
            #expect(SentinelReplies.peers(reply).isEmpty)
        }
    }
}
