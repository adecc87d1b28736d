import RESP
import Testing

@Suite("Questions to a Redis about itself")
struct RequestReplyTests {
    private static let odd: [RedisValue] =
        [.null, .array([]), .error(RedisReplyError(line: "ERR x")), .bulk([0xFF])]
        + [Int64.min, -1, 0, 1 << 53, .max].map(RedisValue.integer)

    @Test("INFO names its sections, and its reply is read as fields")
    func info() {
        let request = InfoRequest([.server, .memory])
        #expect(request.command == RedisCommand("INFO", "server", "memory"))
        let text = "# Memory\r\nmaxmemory_policy:noeviction\r\nmaxmemory:18446744073709551616\r\nx:\r\n"
        let info = request.reply(.bulk(Array(text.utf8)))
        #expect(info?["maxmemory_policy"] == "noeviction" && info?["maxmemory"] == "18446744073709551616")
        #expect(info?["x"] == "" && info?["y"] == nil)
        #expect(request.reply(.bulk([]))?.names == [])
        for value in Self.odd { #expect(request.reply(value) == nil) }
    }

    @Test("PONG alone is an answer to PING")
    func ping() {
        let request = PingRequest()
        #expect(request.command == RedisCommand("PING"))
        #expect(request.reply(.status("PONG")) != nil)
        for value in Self.odd + [.status("pong"), .status("OK"), .bulk(Array("PONG".utf8))] {
            #expect(request.reply(value) == nil)
        }
    }

    @Test("an error, and a reply of another layout, is a failure that names the request")
    func failures() {
        let error = RedisReplyError(line: "NOPERM x")
        guard case .failure(.reply(let found)) = PingRequest().outcome(.failure(.reply(error))) else {
            return #expect(Bool(false))
        }
        #expect(found == error)
        guard case .failure(.reply(let unexpected)) = PingRequest().outcome(.success(.integer(1))) else {
            return #expect(Bool(false))
        }
        #expect(unexpected.description == "ERR unexpected reply to PING")
    }
}
