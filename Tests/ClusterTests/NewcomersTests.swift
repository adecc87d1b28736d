import RESP
import Testing

@testable import Cluster

@Suite("The masters without slots")
struct NewcomersTests {
    private static let place = Address.tcp(host: "seed", port: 7000)

    /// The addresses that are read, as text.
    private func read(_ lines: String..., masters: [Address] = []) -> [String] {
        let reply = RedisValue.bulk(Array(lines.map { $0 + "\n" }.joined().utf8))
        return Newcomers.read(reply, askedAt: Self.place, masters: masters).map { "\($0)" }
    }

    @Test(
        "are those that are there and have no slot yet",
        arguments: [
            ("master - 0 1 2 connected", true), ("myself,master - 0 1 2 connected", true),
            ("master - 0 1 2 connected [5-<-other]", true), ("master - 0 1 2 connected 5", false),
            ("master - 0 1 2 connected 0-16383", false), ("master - 0 1 2 connected 5 [6->-other]", false),
            ("slave m 0 1 2 connected", false), ("myself,slave m 0 1 2 connected", false),
            ("master,fail - 0 1 2 disconnected", false), ("master,fail? - 0 1 2 connected", false),
            ("handshake - 0 1 2 connected", false), ("master,noaddr - 0 1 2 disconnected", false),
            ("noflags - 0 1 2 connected", false), ("master - 0 1 2", false), ("myself - 0 1 2 connected", false),
        ])
    func newcomer(line: String, isNewcomer: Bool) {
        #expect(read("id 10.0.0.1:7@17 \(line)") == (isNewcomer ? ["10.0.0.1:7"] : []))
    }

    @Test(
        "are named as Redis names them",
        arguments: [
            (":7@17", ["seed:7"]), ("10.0.0.1:7", ["10.0.0.1:7"]), ("::1:7@17", ["[::1]:7"]), ("?:7@17", []),
            ("10.0.0.1:0@1", []), ("10.0.0.1:65536@1", []), ("10.0.0.1:-1@1", []), ("10.0.0.1@1", []), ("@", []),
            ("10.0.0.1:7@17,", ["10.0.0.1:7"]), ("10.0.0.1:7@17,host", ["10.0.0.1:7"]),
            ("10.0.0.1:7@17,,tls-port=0,shard-id=1", ["10.0.0.1:7"]),
        ])
    func named(name: String, addresses: [String]) { #expect(read("id \(name) master - 0 1 2 connected") == addresses) }

    @Test("go by the names of their hosts where the masters with slots do")
    func hostNames() {
        let lines = [
            "a 10.0.0.1:7@17,one master - 0 1 2 connected 0-9", "b 10.0.0.2:7@17,two master - 0 1 2 connected",
        ]
        #expect(read(lines[0], lines[1], masters: [.tcp(host: "one", port: 7)]) == ["two:7"])
        #expect(read(lines[0], lines[1], masters: [.tcp(host: "10.0.0.1", port: 7)]) == ["10.0.0.2:7"])
    }

    @Test("are bounded, and none where the reply is something else")
    func bounds() {
        let lines = (1...1_000).map { "id 10.0.0.1:\($0)@1 master - 0 1 2 connected\n" }.joined()
        #expect(Newcomers.read(.bulk(Array(lines.utf8)), askedAt: Self.place, masters: []).count == Newcomers.most)
        for reply in [RedisValue.null, .integer(.min), .array([]), .bulk([0xff, 0x20, 0x0a])] {
            #expect(Newcomers.read(reply, askedAt: Self.place, masters: []) == [])
        }
    }
}
