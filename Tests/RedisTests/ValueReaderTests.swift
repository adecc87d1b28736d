import Testing

@testable import RESP
@testable import Redis

@Suite("The reply reader")
struct ValueReaderTests {
    private static let wire = Array(
        "+OK\r\n-ERR no such thing\r\n-OOM\r\n:42\r\n:-1\r\n$-1\r\n$0\r\n\r\n$5\r\na\r\nbc\r\n*-1\r\n*0\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n*0\r\n-NO way\r\n+\r\n"
            .utf8)
    private static let values: [RedisValue] = [
        .status("OK"), .error(RedisReplyError(code: "ERR", message: "no such thing")),
        .error(RedisReplyError(code: "OOM", message: "")), .integer(42), .integer(-1), .null, .bulk([]),
        .bulk(Array("a\r\nbc".utf8)), .null, .array([]),
        .array([.integer(1), .array([.bulk([120]), .array([])]), .error(RedisReplyError(code: "NO", message: "way"))]),
        .status(""),
    ]

    @Test("reads every RESP2 type however the bytes come", arguments: Cut.all)
    func types(cut: Cut) throws {
        #expect(try read(Self.wire, cut) == Self.values)
    }

    @Test("reads a large bulk string over many feeds")
    func largeBulk() throws {
        let payload = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let wire = Array("$300000\r\n".utf8) + payload + Array("\r\n:1\r\n".utf8)
        #expect(try read(wire, .whole) == [.bulk(payload), .integer(1)])
    }

    @Test(
        "refuses what is not RESP2, and does not believe lengths",
        arguments: [
            "*2147483647\r\n", "*1048577\r\n", "*99999999999999999999\r\n", "*-2\r\n", "$-2\r\n",
            "$99999999999999999999\r\n", "*x\r\n",
            ":\r\nx\r\n", ":12a\r\n", "%1\r\n+a\r\n+b\r\n", ">2\r\n+a\r\n+b\r\n", "_\r\n", "#t\r\n", ",1.5\r\n",
            "~0\r\n", "(1\r\n", "HTTP/1.1 400 Bad Request\r\n",
            "\0\0\0\0", "\r\n", String(repeating: "*1\r\n", count: 9) + ":1\r\n",
            "*2\r\n*1048575\r\n",
        ], Cut.all.prefix(4))
    func hostile(text: String, cut: Cut) {
        #expect(throws: RedisFailure.self) { _ = try read(Array(text.utf8), cut) }
    }

    @Test("holds only so many bytes for $999999999999")
    func endlessBulk() throws {
        let reader = ValueReader()
        try feed(reader, Array("$999999999999\r\n".utf8)[...])
        let block = [UInt8](repeating: 97, count: ReplyLimits.maxFeedBytes)
        var fed = 0
        #expect(throws: RedisFailure.self) {
            while fed < 2 * ReplyLimits.maxBufferedBytes {
                try feed(reader, block[...])
                #expect(try reader.next() == nil)
                fed += block.count
            }
        }
        #expect(fed <= ReplyLimits.maxBufferedBytes)
    }

    @Test("holds only so many bytes for a line without an end")
    func endlessLine() throws {
        let reader = ValueReader()
        let block = [UInt8](repeating: 43, count: ReplyLimits.maxFeedBytes)
        var fed = 0
        #expect(throws: RedisFailure.self) {
            while fed < 2 * ReplyLimits.maxBufferedBytes {
                try feed(reader, block[...])
                #expect(try reader.next() == nil)
                fed += block.count
            }
        }
    }

    @Test("refuses a reply whose many strings are too much together")
    func manyStrings() throws {
        let element = Array("$1048576\r\n".utf8) + [UInt8](repeating: 0, count: 1 << 20) + Array("\r\n".utf8)
        let wire = Array("*20\r\n".utf8) + (0..<20).flatMap { _ in element }
        #expect(throws: RedisFailure.self) { _ = try read(wire, .whole) }
    }

    @Test("survives random bytes")
    func noise() {
        var random = SeededRandom()
        for _ in 0..<2_000 {
            let alphabet = Array("*$:+-0123456789\r\n\r\n\r\nabc".utf8)
            let bytes = (0..<Int.random(in: 1...60, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            _ = try? read(bytes, .random(seed: random.next()))
            _ = try? readPushes(bytes, .random(seed: random.next()))
        }
    }

    private func read(_ bytes: [UInt8], _ cut: Cut) throws -> [RedisValue] {
        let reader = ValueReader()
        var values: [RedisValue] = []
        for piece in cut.pieces(of: bytes, atMost: ReplyLimits.maxFeedBytes) {
            try feed(reader, piece)
            while let value = try reader.next() { values.append(value) }
        }
        return values
    }

    private func feed(_ reader: ValueReader, _ bytes: ArraySlice<UInt8>) throws {
        try bytes.withUnsafeBytes { try reader.feed($0) }
    }
}
