import Testing

@testable import Development

@Suite("A private Redis lives as long as one node uses it")
struct RedisKeepingTests {
    /// The actions after the last of these events.
    private func last(_ events: RedisKeeping.Event...) -> [RedisKeeping.Action] {
        var keeping = RedisKeeping()
        return events.map { keeping.receive($0) }.last ?? []
    }

    @Test("it is started for the first node, and is there for the next")
    func starts() {
        #expect(last(.came) == [.startRedis, .admit])
        #expect(last(.came, .came) == [.admit])
    }

    @Test("it is stopped with the last node, in any order")
    func stops() {
        #expect(last(.came, .left) == [.stop])
        #expect(last(.came, .came, .left) == [])
        #expect(last(.came, .came, .left, .came, .left) == [])
        #expect(last(.came, .came, .left, .came, .left, .left) == [.stop])
    }

    @Test("an ended one is started for the next node, and the keeper still ends with the last node")
    func endedByItself() {
        #expect(last(.came, .redisEnded) == [.tellEnd])
        #expect(last(.came, .redisEnded, .came) == [.startRedis, .admit])
        #expect(last(.came, .redisEnded, .came, .came) == [.admit])
        #expect(last(.came, .redisEnded, .left) == [.stop])
    }

    @Test(
        "a keeper's words are read as they were written, and what is none is the end",
        arguments: [
            ("redis 17", .redis(17)), ("ended", .ended), ("", .gone), ("redis", .gone), ("redis x", .gone),
            ("redis 99999999999999999999", .gone), ("other", .gone),
        ] as [(String, KeeperSocket.Word)])
    func words(_ line: String, _ word: KeeperSocket.Word) {
        #expect(KeeperSocket.Word(line: line) == word)
        if word != .gone { #expect(word.line == line + "\n") }
    }
}
