import Testing

@testable import Redis

@Suite("The watch over a pub/sub connection")
struct PongWatchTests {
    private let timing = RedisTiming()

    @Test("asks every 5 s")
    func asks() {
        var watch = PongWatch(now: 1_000)
        let early = watch.tick(now: 5_999, lastHeard: 0, timing: timing)
        let due = watch.tick(now: 6_000, lastHeard: 0, timing: timing)
        #expect(early == nil && due == .ping)
        watch.didAnswer()
        let next = [10_999, 11_000].map { watch.tick(now: $0, lastHeard: 0, timing: timing) }
        #expect(next == [nil, .ping])
    }

    @Test("gives up a connection that says nothing for 2 s after the PING")
    func givesUp() {
        var watch = PongWatch(now: 0)
        let actions = [5_000, 6_999, 7_000].map { watch.tick(now: $0, lastHeard: 0, timing: timing) }
        #expect(actions == [.ping, nil, .giveUp])
    }

    @Test("waits for a PONG that is late as long as messages come")
    func backlog() {
        var watch = PongWatch(now: 0)
        let actions = [5_000, 7_500, 9_499, 9_500].map {
            watch.tick(now: $0, lastHeard: min($0, 7_500), timing: timing)
        }
        #expect(actions == [.ping, nil, nil, .giveUp])
    }
}
