import Testing

@testable import RESP
@testable import Redis

@Suite("The subscription table of sharded channels")
struct ShardSubscriptionTableTests {
    private static let moved = RedisReplyError(line: "MOVED 1 h:1")

    private func connectedTable(_ channels: String...) throws -> SubscriptionTable {
        var table = SubscriptionTable(.sharded)
        table.connected()
        for channel in channels {
            table.subscribe(channel)
            #expect(table.nextCommand() == .subscribe([channel]))
            #expect(try table.confirmSubscribed(channel))
        }
        return table
    }

    @Test("puts channels of one slot into a command, at most 512 commands in flight")
    func slots() throws {
        var table = SubscriptionTable(.sharded)
        for name in ["{1}a", "{2}a", "{1}b", "{2}b", "{1}c"] { table.subscribe(name) }
        table.connected()
        var batches: [Set<String>] = []
        while case .subscribe(let batch) = table.nextCommand() { batches.append(Set(batch)) }
        #expect(Set(batches) == [["{1}a", "{1}b", "{1}c"], ["{2}a", "{2}b"]])
        for number in 0..<600 { table.subscribe("{\(number)}") }
        var count = batches.count
        while table.nextCommand() != nil { count += 1 }
        #expect(count == 512)
    }

    @Test("is out of a channel when the PING behind its SUNSUBSCRIBE is answered")
    func fence() throws {
        var table = try connectedTable("a")
        table.unsubscribe("a")
        #expect(table.nextCommand() == .unsubscribe(["a"]))
        #expect(table.end("a") == false)
        table.subscribe("a")
        #expect(table.nextCommand() == nil && table.state(of: "a") == .unsubscribingWanted)
        try table.confirmPong()
        #expect(table.nextCommand() == .subscribe(["a"]))
        #expect(try table.confirmSubscribed("a"))
        table.unsubscribe("a")
        _ = table.nextCommand()
        #expect(table.end("a") == false)
        try table.confirmPong()
        #expect(table.state(of: "a") == nil && table.unsettledCount == 0)
        #expect(throws: RedisFailure.self) { try table.confirmPong() }
    }

    @Test("takes the error of a Redis that cannot save for the answer to that PING")
    func fenceOfMisconf() throws {
        var table = try connectedTable("a", "b")
        table.unsubscribe("a")
        _ = table.nextCommand()
        #expect(table.end("a") == false)
        table.subscribe("a")
        guard case .ping = try table.refuse(RedisReplyError(line: "MISCONF cannot save")) else {
            Issue.record("the error was taken for a refused channel")
            return
        }
        #expect(table.nextCommand() == .subscribe(["a"]))
        #expect(try table.confirmSubscribed("a"))
        #expect(table.unsettledCount == 0 && table.state(of: "b") == .subscribed)
    }

    @Test("takes an error for the answer to the oldest SUNSUBSCRIBE, whose slot has gone meanwhile")
    func crossing() throws {
        var table = try connectedTable("a", "b")
        table.unsubscribe("a")
        _ = table.nextCommand()
        table.subscribe("c")
        _ = table.nextCommand()
        #expect(table.end("b") == true)
        #expect(try table.refuse(Self.moved) == .ended)
        try table.confirmPong()
        #expect(table.state(of: "a") == nil)
        #expect(try table.refuse(Self.moved) == .turnedAway(["c"]))
        #expect(table.wantedCount == 0 && table.unsettledCount == 0)
        #expect(throws: RedisFailure.self) { _ = try table.refuse(Self.moved) }
    }

    @Test("says that a subscription has ended, in each state", arguments: [true, false])
    func pushed(isWanted: Bool) throws {
        var table = try connectedTable("on", "leaving")
        table.unsubscribe("leaving")
        #expect(table.end("on") == true)
        #expect(table.end("on") == false && table.state(of: "on") == nil)
        #expect(table.end("leaving") == false && table.state(of: "leaving") == nil && table.wantedCount == 0)
        #expect(table.end("unknown") == false)
        table.subscribe("on")
        #expect(table.end("on") == false && table.state(of: "on") == .waiting)
        #expect(table.nextCommand() == .subscribe(["on"]))
        // The answer of before to a SUNSUBSCRIBE.
        #expect(table.end("on") == false && table.state(of: "on") == .subscribing)
        if !isWanted { table.unsubscribe("on") }
        #expect(table.end("on") == false)
        #expect(try table.confirmSubscribed("on") == isWanted)
    }

    @Test("forgets what it is turned away with, tells of no channel that nobody wants, and keeps what it may not have")
    func refusals() throws {
        for line in ["MOVED 1 h:1", "CLUSTERDOWN Hash slot not served", "TRYAGAIN x", "CROSSSLOT x"] {
            var table = try connectedTable()
            for name in ["{1}a", "{1}b"] { table.subscribe(name) }
            _ = table.nextCommand()
            table.unsubscribe("{1}b")
            #expect(try table.refuse(RedisReplyError(line: line)) == .turnedAway(["{1}a"]))
            #expect(table.wantedCount == 0)
        }
        var table = try connectedTable()
        table.subscribe("a")
        _ = table.nextCommand()
        #expect(try table.refuse(RedisReplyError(line: "NOPERM no")) == .channels(["a"]))
        #expect(table.state(of: "a") == .refused)
        table.subscribe("b")
        _ = table.nextCommand()
        #expect(throws: RedisFailure.self) { _ = try table.refuse(RedisReplyError(line: "LOADING x")) }
    }

    @Test("asks for all channels of an open slot behind one ASKING")
    func importing() throws {
        var table = SubscriptionTable(.importing)
        for number in 0..<1_000 { table.subscribe("{1}\(number)") }
        table.connected()
        guard case .subscribe(let batch) = table.nextCommand() else { return #expect(Bool(false)) }
        #expect(batch.count == 1_000 && table.nextCommand() == nil)
        #expect(throws: RedisFailure.self) { _ = try table.confirmSubscribed(batch[0]) }
        try table.confirmAsking()
        #expect(throws: RedisFailure.self) { try table.confirmAsking() }
        for channel in batch { #expect(try table.confirmSubscribed(channel)) }
        #expect(table.unsettledCount == 0)
        table.disconnected()
        table.connected()
        _ = table.nextCommand()
        #expect(try table.refuse(RedisReplyError(line: "NOPERM asking")) == .ping)
        guard case .turnedAway(let gone) = try table.refuse(Self.moved) else { return #expect(Bool(false)) }
        #expect(Set(gone) == Set(batch) && table.wantedCount == 0)
    }

    @Test("agrees with a Redis that gives slots away at any time, whatever is wanted when", arguments: 0..<20)
    func model(run: Int) throws {
        var random = SeededRandom()
        var table = SubscriptionTable(.sharded)
        var redis = SimulatedShard()
        var wanted: Set<String> = []
        let channels = (0..<12).map { "{\($0 % 4)}\($0)" }
        table.connected()
        for _ in 0..<10_000 {
            let channel = channels.randomElement(using: &random)!
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<30:
                table.subscribe(channel)
                wanted.insert(channel)
            case 30..<60:
                table.unsubscribe(channel)
                wanted.remove(channel)
            case 60..<76: while let command = table.nextCommand() { redis.take(command) }
            case 76..<80: redis.toggle(String(channel.prefix(3)))
            case 80:
                table.sentPing()
                redis.takePing()
            default: wanted.subtract(try redis.answer(&table) ?? [])
            }
            guard table.wantedCount == wanted.count else {
                Issue.record("\(table.wantedCount) wanted, not \(wanted.count); seed \(random.seed)")
                return
            }
        }
        while true {
            while let command = table.nextCommand() { redis.take(command) }
            guard let gone = try redis.answer(&table) else { break }
            wanted.subtract(gone)
        }
        #expect(redis.subscribed == wanted, "seed \(random.seed)")
        #expect(Set(channels.filter { table.state(of: $0) == .subscribed }) == wanted, "seed \(random.seed)")
    }
}

/// Executes commands at once and hands out the replies one at a time; it has some slots, and ends the subscriptions of
/// those that it gives away.
private struct SimulatedShard {
    private enum Reply { case subscribed(String), ended(String), pong, error }

    private(set) var subscribed: Set<String> = []
    private var foreign: Set<String> = []
    private var replies: [Reply] = []

    /// Gives a slot away, or takes it back.
    mutating func toggle(_ tag: String) {
        guard foreign.remove(tag) == nil else { return }
        foreign.insert(tag)
        for channel in subscribed.filter({ $0.hasPrefix(tag) }) {
            subscribed.remove(channel)
            replies.append(.ended(channel))
        }
    }

    mutating func takePing() { replies.append(.pong) }

    mutating func take(_ command: SubscriptionTable.Command) {
        switch command {
        case .subscribe(let channels):
            guard !foreign.contains(String(channels[0].prefix(3))) else { return replies.append(.error) }
            subscribed.formUnion(channels)
            replies += channels.map { .subscribed($0) }
        case .unsubscribe(let channels):
            if foreign.contains(String(channels[0].prefix(3))) {
                replies.append(.error)
            } else {
                subscribed.subtract(channels)
                replies += channels.map { .ended($0) }
            }
            replies.append(.pong)
        }
    }

    /// Gives the oldest reply to `table`; returns the wanted channels that it takes away, nil when there is no reply.
    mutating func answer(_ table: inout SubscriptionTable) throws -> [String]? {
        guard !replies.isEmpty else { return nil }
        switch replies.removeFirst() {
        case .subscribed(let channel): _ = try table.confirmSubscribed(channel)
        case .ended(let channel): return table.end(channel) ? [channel] : []
        case .pong: try table.confirmPong()
        case .error:
            let refusal = try table.refuse(RedisReplyError(line: "MOVED 1 h:1"))
            if case .turnedAway(let channels) = refusal { return channels }
        }
        return []
    }
}
