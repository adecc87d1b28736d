import Testing

@testable import RESP
@testable import Redis

@Suite("A request")
struct RequestEncodingTests {
    @Test("is a RESP array of bulk strings, whatever its bytes")
    func command() {
        let command = RedisCommand("SET", .string("schlüssel"), .bytes([0, 13, 10, 255]), .integer(-12), "")
        #expect(
            command.encoded
                == Array("*5\r\n$3\r\nSET\r\n$10\r\nschlüssel\r\n$4\r\n".utf8) + [0, 13, 10, 255]
                + Array("\r\n$3\r\n-12\r\n$0\r\n\r\n".utf8))
    }

    @Test("knows its first key, which is sent as text")
    func keys() {
        #expect(RedisCommand("HGET", .key("k"), "f").key == "k")
        #expect(RedisCommand("HGET", .key("k"), "f").encoded == RedisCommand("HGET", "k", "f").encoded)
        #expect(RedisCommand("DEL", .key("{a}1"), .key("{a}2")).key == "{a}1")
        #expect(RedisCommand("PING").key == nil)
    }

    @Test("has lengths of every number of digits", arguments: [0, 9, 10, 99, 100, 12_345])
    func lengths(count: Int) {
        let command = RedisCommand(.bytes(Array(repeating: 1, count: count)))
        #expect(command.encoded.starts(with: Array("*1\r\n$\(count)\r\n".utf8)))
        #expect(command.encoded.count == "*1\r\n$\(count)\r\n\r\n".utf8.count + count)
    }

    @Test("calls a script by digest and by text with the same words")
    func scripts() {
        let call = ScriptCall(script: RedisScript(name: "s", text: "#!lua\n"), keys: ["k"], arguments: [[1, 2]])
        var digest: [UInt8] = []
        call.appendEVALSHA("abc", runBy: "", to: &digest)
        #expect(digest == RedisCommand("EVALSHA", "abc", "1", "k", .bytes([1, 2])).encoded)
        var text: [UInt8] = []
        call.appendEVAL(runBy: "", to: &text)
        #expect(text == RedisCommand("EVAL", "#!lua\n", "1", "k", .bytes([1, 2])).encoded)
    }
}
