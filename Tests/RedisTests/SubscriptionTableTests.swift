import Testing

@testable import RESP
@testable import Redis

@Suite("The subscription table")
struct SubscriptionTableTests {
    private func connectedTable(_ channels: String...) throws -> SubscriptionTable {
        var table = SubscriptionTable()
        table.connected()
        for channel in channels {
            table.subscribe(channel)
            #expect(table.nextCommand() == .subscribe([channel]))
            #expect(try table.confirmSubscribed(channel))
        }
        return table
    }

    @Test("subscribes, is confirmed, unsubscribes, forgets")
    func life() throws {
        var table = SubscriptionTable()
        table.subscribe("a")
        #expect(table.nextCommand() == nil)
        table.connected()
        #expect(table.nextCommand() == .subscribe(["a"]))
        #expect(table.nextCommand() == nil)
        #expect(table.unsettledCount == 1)
        #expect(try table.confirmSubscribed("a"))
        #expect(table.state(of: "a") == .subscribed && table.unsettledCount == 0 && table.wantedCount == 1)
        table.unsubscribe("a")
        #expect(table.wantedCount == 0)
        #expect(table.nextCommand() == .unsubscribe(["a"]))
        try table.confirmUnsubscribed("a")
        #expect(table.state(of: "a") == nil && table.unsettledCount == 0)
    }

    @Test("does nothing about wishes that are already fulfilled or under way")
    func idempotent() throws {
        var table = SubscriptionTable()
        table.connected()
        table.unsubscribe("a")
        table.subscribe("a")
        table.subscribe("a")
        #expect(table.nextCommand() == .subscribe(["a"]) && table.wantedCount == 1)
        table.subscribe("a")
        #expect(table.nextCommand() == nil)
        _ = try table.confirmSubscribed("a")
        table.subscribe("a")
        #expect(table.nextCommand() == nil && table.takeSettledAgain().isEmpty && table.wantedCount == 1)
        table.unsubscribe("a")
        table.unsubscribe("a")
        #expect(table.nextCommand() == .unsubscribe(["a"]) && table.wantedCount == 0)
        table.unsubscribe("a")
        #expect(table.nextCommand() == nil)
    }

    @Test("sends nothing for a wish withdrawn in the same turn")
    func withdrawn() {
        var table = SubscriptionTable()
        table.connected()
        table.subscribe("a")
        table.unsubscribe("a")
        #expect(table.nextCommand() == nil && table.state(of: "a") == nil)
    }

    @Test("unsubscribes after the confirmation when the wish is withdrawn while SUBSCRIBE is in flight")
    func withdrawnInFlight() throws {
        var table = SubscriptionTable()
        table.connected()
        table.subscribe("a")
        _ = table.nextCommand()
        table.unsubscribe("a")
        #expect(table.nextCommand() == nil)
        #expect(try !table.confirmSubscribed("a"))
        #expect(table.nextCommand() == .unsubscribe(["a"]))
    }

    @Test("confirms at once a channel wanted again before its UNSUBSCRIBE was sent")
    func wantedAgainUnsent() throws {
        var table = try connectedTable("a")
        table.unsubscribe("a")
        table.subscribe("a")
        #expect(table.takeSettledAgain() == ["a"])
        #expect(table.takeSettledAgain().isEmpty)
        #expect(table.nextCommand() == nil && table.wantedCount == 1)
    }

    @Test("subscribes again after the confirmation when wanted again while UNSUBSCRIBE is in flight")
    func wantedAgainInFlight() throws {
        var table = try connectedTable("a")
        table.unsubscribe("a")
        _ = table.nextCommand()
        table.subscribe("a")
        #expect(table.nextCommand() == nil)
        try table.confirmUnsubscribed("a")
        #expect(table.nextCommand() == .subscribe(["a"]))
        #expect(try table.confirmSubscribed("a"))
    }

    @Test("puts at most 256 channels into a command and has at most 8 commands in flight")
    func window() throws {
        var table = SubscriptionTable()
        for number in 0..<5_000 { table.subscribe("c\(number)") }
        table.connected()
        var batches: [[String]] = []
        while case .subscribe(let batch) = table.nextCommand() { batches.append(batch) }
        #expect(batches.count == 8 && batches.allSatisfy { $0.count == 256 })
        for channel in batches[0].dropLast() { _ = try table.confirmSubscribed(channel) }
        #expect(table.nextCommand() == nil)
        _ = try table.confirmSubscribed(batches[0].last!)
        guard case .subscribe(let next) = table.nextCommand() else { return #expect(Bool(false)) }
        #expect(next.count == 256 && Set(next).isDisjoint(with: batches.joined()))
    }

    @Test("gives up what nobody wants while others are subscribed without end")
    func fairToLeaving() throws {
        var table = try connectedTable("left")
        table.unsubscribe("left")
        var number = 0
        for _ in 0..<3 {
            for _ in 0..<1_000 {
                table.subscribe("new\(number)")
                number += 1
            }
            if table.nextCommand() == .unsubscribe(["left"]) { return }
        }
        Issue.record("it is not given up within three commands")
    }

    @Test("asks for what was refused among others while others are subscribed without end")
    func fairToRefused() throws {
        var table = SubscriptionTable()
        table.connected()
        for channel in ["a", "b"] { table.subscribe(channel) }
        _ = table.nextCommand()
        #expect(try table.refuse(RedisReplyError(line: "NOPERM no")) == .retried)
        for number in 0..<1_000 { table.subscribe("new\(number)") }
        let commands = (0..<3).compactMap { _ in table.nextCommand() }
        #expect(commands.contains(.subscribe(["a"])) || commands.contains(.subscribe(["b"])))
    }

    @Test("wants everything again after a reconnect, and only that")
    func reconnect() throws {
        var table = try connectedTable("kept", "leaving", "unsubscribing", "again")
        for channel in ["unsubscribing", "again"] { table.unsubscribe(channel) }
        _ = table.nextCommand()
        table.subscribe("again")
        table.subscribe("subscribing")
        _ = table.nextCommand()
        table.unsubscribe("leaving")
        table.disconnected()
        #expect(table.nextCommand() == nil && table.wantedCount == 3)
        table.connected()
        guard case .subscribe(let batch) = table.nextCommand() else { return #expect(Bool(false)) }
        #expect(Set(batch) == ["kept", "again", "subscribing"])
    }

    @Test("asks for each channel alone when one of several is refused, and again later for the refused one")
    func refusedOne() throws {
        var table = SubscriptionTable()
        table.connected()
        for channel in ["a", "b", "c"] { table.subscribe(channel) }
        _ = table.nextCommand()
        let error = RedisReplyError(line: "NOPERM no")
        #expect(try table.refuse(error) == .retried)
        for channel in ["a", "b", "c"] { #expect(table.nextCommand() == .subscribe([channel])) }
        #expect(try table.confirmSubscribed("a"))
        #expect(try table.refuse(error) == .channels(["b"]))
        #expect(try table.confirmSubscribed("c"))
        #expect(table.state(of: "b") == .refused && table.unsettledCount == 0 && table.wantedCount == 3)
        table.subscribe("b")
        #expect(table.nextCommand() == nil)
        table.retryRefused()
        #expect(table.nextCommand() == .subscribe(["b"]))
        #expect(try table.confirmSubscribed("b"))
    }

    @Test("forgets a refused channel that is no longer wanted")
    func refusedUnwanted() throws {
        var table = SubscriptionTable()
        table.connected()
        table.subscribe("a")
        _ = table.nextCommand()
        table.unsubscribe("a")
        #expect(try table.refuse(RedisReplyError(line: "NOPERM no")) == .channels([]))
        #expect(table.state(of: "a") == nil)
        table.retryRefused()
        #expect(table.nextCommand() == nil)
    }

    @Test("stays where it may not leave, and serves who comes back")
    func refusedUnsubscribe() throws {
        var table = try connectedTable("a", "b")
        table.unsubscribe("a")
        table.unsubscribe("b")
        _ = table.nextCommand()
        table.subscribe("b")
        #expect(try table.refuse(RedisReplyError(line: "NOPERM no")) == .channels(["a", "b"]))
        #expect(table.state(of: "a") == nil && table.takeSettledAgain() == ["b"])
    }

    @Test("gives an error to the oldest command, be it a PING")
    func errorOrder() throws {
        var table = SubscriptionTable()
        table.connected()
        table.sentPing()
        table.subscribe("a")
        _ = table.nextCommand()
        #expect(try table.refuse(RedisReplyError(line: "BUSY x")) == .ping)
        #expect(throws: RedisFailure.self) { try table.confirmPong() }
        #expect(throws: RedisFailure.self) { try table.refuse(RedisReplyError(line: "LOADING x")) }
    }

    @Test("takes confirmations that nobody asked for as nonsense")
    func unexpected() throws {
        var table = try connectedTable("a")
        #expect(throws: RedisFailure.self) { _ = try table.confirmSubscribed("a") }
        #expect(throws: RedisFailure.self) { try table.confirmUnsubscribed("a") }
        #expect(throws: RedisFailure.self) { try table.confirmPong() }
        #expect(throws: RedisFailure.self) { _ = try table.refuse(RedisReplyError(line: "ERR x")) }
        table.subscribe("b")
        _ = table.nextCommand()
        #expect(throws: RedisFailure.self) { _ = try table.confirmSubscribed("x") }
    }

    @Test("agrees with a Redis that does what it is told, whatever is wanted when", arguments: 0..<8)
    func model(run: Int) throws {
        var random = SeededRandom()
        var table = SubscriptionTable()
        var redis = SimulatedRedis()
        var wanted: Set<String> = []
        let channels = (0..<12).map { "c\($0)" }
        table.connected()
        for _ in 0..<20_000 {
            let channel = channels.randomElement(using: &random)!
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35:
                table.subscribe(channel)
                wanted.insert(channel)
            case 35..<70:
                table.unsubscribe(channel)
                wanted.remove(channel)
            case 70..<84: while let command = table.nextCommand() { redis.take(command) }
            case 84: (table, redis) = try reconnected(table)
            default: try redis.answer(&table)
            }
            guard table.wantedCount == wanted.count else {
                Issue.record("\(table.wantedCount) wanted, not \(wanted.count); seed \(random.seed)")
                return
            }
        }
        repeat {
            while let command = table.nextCommand() { redis.take(command) }
        } while try redis.answer(&table)
        #expect(redis.subscribed == wanted, "seed \(random.seed)")
        #expect(Set(channels.filter { table.state(of: $0) == .subscribed }) == wanted, "seed \(random.seed)")
    }

    private func reconnected(_ table: SubscriptionTable) throws -> (SubscriptionTable, SimulatedRedis) {
        var table = table
        table.disconnected()
        table.connected()
        return (table, SimulatedRedis())
    }
}

/// Executes commands at once and hands out the confirmations one at a time.
private struct SimulatedRedis {
    private(set) var subscribed: Set<String> = []
    private var replies: [(isSubscribe: Bool, channel: String)] = []

    mutating func take(_ command: SubscriptionTable.Command) {
        switch command {
        case .subscribe(let channels):
            subscribed.formUnion(channels)
            replies += channels.map { (true, $0) }
        case .unsubscribe(let channels):
            subscribed.subtract(channels)
            replies += channels.map { (false, $0) }
        }
    }

    /// Gives the oldest confirmation to `table`; false when there is none.
    @discardableResult
    mutating func answer(_ table: inout SubscriptionTable) throws -> Bool {
        guard !replies.isEmpty else { return false }
        let reply = replies.removeFirst()
        if reply.isSubscribe {
            _ = try table.confirmSubscribed(reply.channel)
        } else {
            try table.confirmUnsubscribed(reply.channel)
        }
        return true
    }
}
