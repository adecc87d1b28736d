import Testing

@testable import RESP
@testable import Redis

/// A push with what it carried, copied.
struct SeenPush: Equatable {
    let push: Push
    var channel = ""
    var payload: [UInt8] = []
}

func readPushes(_ bytes: [UInt8], _ cut: Cut) throws -> [SeenPush] {
    let reader = PushReader()
    var seen: [SeenPush] = []
    for piece in cut.pieces(of: bytes, atMost: ReplyLimits.maxFeedBytes) {
        try piece.withUnsafeBytes { try reader.feed($0) }
        while let push = try reader.next() {
            var one = SeenPush(push: push)
            if [.message, .subscribed, .unsubscribed, .ended].contains(push) {
                one.channel = String(decoding: reader.channel, as: UTF8.self)
            }
            if [.message, .error].contains(push) { one.payload = Array(reader.payload) }
            seen.append(one)
        }
    }
    return seen
}

@Suite("The pub/sub reader")
struct PushReaderTests {
    @Test("reads messages, confirmations, pongs and errors however the bytes come", arguments: Cut.all)
    func pushes(cut: Cut) throws {
        let wire = Array(
            """
            *3\r\n$9\r\nsubscribe\r\n$6\r\ntask:1\r\n:1\r\n\
            *3\r\n$7\r\nmessage\r\n$6\r\ntask:1\r\n$5\r\na\r\n\0b\r\n\
            *3\r\n$7\r\nmessage\r\n$6\r\ntask:2\r\n$0\r\n\r\n\
            *2\r\n$4\r\npong\r\n$0\r\n\r\n\
            -NOPERM no channel\r\n\
            *3\r\n$11\r\nunsubscribe\r\n$6\r\ntask:1\r\n:0\r\n\
            +PONG\r\n\
            *4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\na\r\n$1\r\nb\r\n\
            +OK\r\n\
            *3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n\
            *3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nb\r\n\
            *3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:0\r\n
            """.utf8)
        #expect(
            try readPushes(wire, cut) == [
                SeenPush(push: .subscribed, channel: "task:1"),
                SeenPush(push: .message, channel: "task:1", payload: Array("a\r\n\0b".utf8)),
                SeenPush(push: .message, channel: "task:2"), SeenPush(push: .pong),
                SeenPush(push: .error, payload: Array("NOPERM no channel".utf8)),
                SeenPush(push: .unsubscribed, channel: "task:1"), SeenPush(push: .pong), SeenPush(push: .other),
                SeenPush(push: .ok), SeenPush(push: .subscribed, channel: "a"),
                SeenPush(push: .message, channel: "a", payload: Array("b".utf8)), SeenPush(push: .ended, channel: "a"),
            ])
    }

    @Test("keeps a payload whole over many feeds, and gives its memory back")
    func largePayload() throws {
        let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let message = Array("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1000000\r\n".utf8) + payload + Array("\r\n".utf8)
        let small = Array("*3\r\n$7\r\nmessage\r\n$1\r\nd\r\n$1\r\nx\r\n".utf8)
        let seen = try readPushes(message + small + message, .whole)
        #expect(seen.map(\.payload) == [payload, [120], payload])
        #expect(seen.map(\.channel) == ["c", "d", "c"])
    }

    @Test(
        "refuses what cannot be a push",
        arguments: [
            "+NO\r\n", ":1\r\n", "$-1\r\n", "$1\r\na\r\n", "*0\r\n", "*-1\r\n", "*1\r\n:1\r\n",
            "*1\r\n$7\r\nmessage\r\n", "*2\r\n$8\r\nsmessage\r\n$1\r\na\r\n",
            "*3\r\n$12\r\nsunsubscribe\r\n$-1\r\n:0\r\n",
            "*2\r\n$7\r\nmessage\r\n$1\r\na\r\n", "*4\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n",
            "*3\r\n$7\r\nmessage\r\n$-1\r\n$1\r\na\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n:1\r\n",
            "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n*1\r\n$1\r\nb\r\n", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n",
            "*2147483647\r\n", "*65\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n*65\r\n", ">3\r\n", "%1\r\n", "_\r\n",
            "GET / HTTP/1.1\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        ])
    func hostile(text: String) {
        for cut in [Cut.whole, .bytes] {
            #expect(throws: RedisFailure.self) { _ = try readPushes(Array(text.utf8), cut) }
        }
    }

    @Test("ends at a payload that is larger than anybody may publish")
    func hugePayload() {
        let count = ReplyLimits.maxBulkBytes + 1
        let wire =
            Array("*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$\(count)\r\n".utf8) + [UInt8](repeating: 0, count: count)
            + Array("\r\n".utf8)
        #expect(throws: RedisFailure.self) { _ = try readPushes(wire, .whole) }
    }
}
