import Settings
import Store
import Testing

@testable import Sessions

/// The schedule of redelivery, with the test's own clock.
@Suite("Redelivery")
struct RedeliveryTests {
    /// A client's messages, and the sent ones.
    private final class Client {
        var redelivery: Redelivery

        init() {
            let limits = NodeLimits()
            redelivery = Redelivery(delays: limits.redeliveryMilliseconds, most: limits.pendingAcknowledgements)
        }

        private func text(_ id: String) -> [UInt8] { Array("text of \(id)".utf8) }

        var nextDue: UInt64? { redelivery.nextDue }
        func due(of id: String) -> UInt64? { redelivery[id]?.due }
        func attempts(of id: String) -> Int? { redelivery[id]?.attempts }
        func expect(_ id: String, now: UInt64) -> Bool { redelivery.expect(id, text(id), now: now) }
        func forget(_ id: String) -> Bool { redelivery.forget(id) }
        func takeOver(_ id: String, attempts: Int) {
            redelivery.takeOver(id, text(id), attempts: attempts, storedIn: "run")
        }

        /// Sends all messages that have their turn, like a connection that reads: ids and numbers.
        func send(now: UInt64) -> [String] {
            var sent: [String] = []
            redelivery.collectDue(now: now)
            while redelivery.hasTurn {
                guard let turn = redelivery.nextTurn() else { continue }
                #expect(turn.message.text == text(turn.id))
                switch redelivery.settle(turn, redelivery.verdict(on: turn), now: now) {
                case .send: sent.append("\(turn.id) \(turn.attempt.map(String.init) ?? "at once")")
                case .dropped: sent.append("\(turn.id) dropped")
                case .settled: sent.append("\(turn.id) settled")
                }
            }
            return sent
        }
    }

    @Test("a message is sent again 5, 10, 20, 40 and 80 s after it was last sent, and is given up 80 s after that")
    func schedule() {
        let client = Client()
        var now: UInt64 = 1_000
        #expect(client.expect("a", now: now))
        for (number, seconds) in [5, 10, 20, 40, 80].enumerated() {
            let due = now + UInt64(seconds) * 1_000
            #expect(client.nextDue == due)
            #expect(client.send(now: due - 1).isEmpty)
            // A little late, as timers are: the next one counts from then.
            now = due + 7
            #expect(client.send(now: now) == ["a \(number + 1)"])
        }
        #expect(client.send(now: now + 79_999).isEmpty)
        #expect(client.send(now: now + 80_000) == ["a dropped"])
        #expect(client.redelivery.count == 0 && client.nextDue == nil)
    }

    @Test("an acknowledged message is not sent again, not even where it already waits for its turn")
    func acknowledged() {
        let client = Client()
        for id in ["a", "b", "c"] { #expect(client.expect(id, now: 0)) }
        #expect(client.forget("a"))
        #expect(!client.forget("a"))
        client.redelivery.collectDue(now: 5_000)
        #expect(client.forget("b"))
        #expect(client.send(now: 5_000) == ["c 1"])
    }

    @Test("each message has its own time, and they are sent in the order in which they are due")
    func several() {
        let client = Client()
        for (place, id) in ["a", "b", "c"].enumerated() { #expect(client.expect(id, now: UInt64(place) * 2_000)) }
        #expect(client.nextDue == 5_000)
        #expect(client.send(now: 7_000) == ["a 1", "b 1"])
        #expect(client.send(now: 17_000) == ["c 1", "a 2", "b 2"])
    }

    @Test("one that waits for its turn because the client reads slowly does not come due meanwhile")
    func slow() throws {
        let client = Client()
        for id in ["a", "b"] { #expect(client.expect(id, now: 0)) }
        client.redelivery.collectDue(now: 5_000)
        let first = client.redelivery.nextTurn()
        let done = client.redelivery.settle(try #require(first), .send, now: 5_000)
        #expect(done == .send)
        for now in stride(from: UInt64(6_000), to: 14_000, by: 1_000) { client.redelivery.collectDue(now: now) }
        #expect(client.nextDue == 15_000)
        #expect(client.send(now: 14_000) == ["b 1"])
        #expect(client.due(of: "b") == 24_000)
    }

    @Test("at most 100 messages wait, and a known one is not added twice")
    func bounded() {
        let client = Client()
        for number in 0..<100 { #expect(client.expect("\(number)", now: 0)) }
        #expect(!client.expect("100", now: 0))
        #expect(!client.expect("7", now: 0))
        #expect(client.redelivery.count == 100)
        #expect(client.forget("7"))
        #expect(client.expect("100", now: 0))
    }

    @Test("messages of an earlier connection are sent at once, which is no attempt")
    func takenOver() {
        let client = Client()
        for (attempts, id) in ["a", "b"].enumerated() { client.takeOver(id, attempts: attempts) }
        #expect(client.nextDue == nil)
        #expect(client.send(now: 100) == ["a at once", "b at once"])
        #expect(client.due(of: "a") == 5_100 && client.due(of: "b") == 10_100)
        #expect(client.attempts(of: "a") == 0 && client.attempts(of: "b") == 1)
    }

    @Test("a resuming client does not get a message twice at once")
    func resumed() {
        let client = Client()
        for id in ["a", "b"] { client.takeOver(id, attempts: 0) }
        #expect(!client.expect("a", now: 50))
        #expect(client.send(now: 60) == ["b at once"])
        #expect(client.due(of: "a") == 5_050 && client.redelivery["a"]?.storedIn == "run")
        client.takeOver("a", attempts: 3)
        #expect(client.send(now: 70).isEmpty)
        #expect(client.attempts(of: "a") == 0)
    }

    /// Redis' verdict on a message, and whether the client has acknowledged it meanwhile.
    private static let verdicts: [(verdict: Redelivery.Verdict, isAcknowledged: Bool, done: Redelivery.Verdict)] = [
        (.send, false, .send), (.send, true, .settled), (.settled, false, .settled), (.settled, true, .settled),
        (.dropped, false, .dropped), (.dropped, true, .settled),
    ]

    @Test("every verdict on an unacknowledged and on an acknowledged message", arguments: verdicts)
    func settled(_ verdict: Redelivery.Verdict, _ isAcknowledged: Bool, _ done: Redelivery.Verdict) throws {
        let client = Client()
        #expect(client.expect("a", now: 0))
        client.redelivery.collectDue(now: 5_000)
        let next = client.redelivery.nextTurn()
        let turn = try #require(next)
        if isAcknowledged { #expect(client.forget("a")) }
        let result = client.redelivery.settle(turn, verdict, now: 6_000)
        #expect(result == done)
        // Only a sent message is awaited again.
        #expect(client.redelivery["a"]?.due == (done == .send ? 16_000 : nil))
        #expect(client.redelivery.count == (done == .send ? 1 : 0) && !client.redelivery.hasTurn)
    }

    @Test("without Redis a message is sent up to its last attempt, and one of an earlier connection always")
    func ownVerdicts() {
        let redelivery = Client().redelivery
        let message = Redelivery.Message(text: [], attempts: 0)
        for (attempt, verdict) in [(nil, .send), (1, .send), (5, .send), (6, .dropped)] as [(Int?, Redelivery.Verdict)]
        {
            #expect(redelivery.verdict(on: Redelivery.Turn(id: "a", message: message, attempt: attempt)) == verdict)
        }
    }

    @Test("a turn whose message is gone has no effect")
    func goneTurn() {
        let client = Client()
        client.takeOver("a", attempts: 0)
        client.takeOver("b", attempts: 0)
        #expect(client.forget("a"))
        #expect(client.send(now: 0) == ["b at once"])
        let none = client.redelivery.nextTurn()
        #expect(none == nil)
    }
}
