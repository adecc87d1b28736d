import RESP
import Testing

@testable import Cluster

@Suite("The map of a cluster")
struct SlotMapTests {
    private let place = Address.tcp(host: "seed", port: 7000)

    private func server(_ host: RedisValue, _ port: Int64, _ more: [RedisValue] = [text("id"), .array([])])
        -> RedisValue
    {
        .array([host, .integer(port)] + more)
    }

    private func range(_ first: Int64, _ last: Int64, _ servers: RedisValue...) -> RedisValue {
        .array([.integer(first), .integer(last)] + servers)
    }

    private func map(_ ranges: RedisValue...) throws -> SlotMap { try SlotMap(.array(ranges), askedAt: place) }
    private func slot(_ number: Int) throws -> HashSlot { try #require(HashSlot(number)) }

    @Test("has the master of every slot, and the replicas as further places to ask")
    func masters() throws {
        let map = try map(
            range(0, 5460, server(text("10.0.0.1"), 1), server(text("10.0.0.4"), 4)),
            range(5461, 10922, server(text("10.0.0.2"), 2)),
            range(10923, 16383, server(text("10.0.0.3"), 3), server(text("10.0.0.4"), 4)))
        #expect(
            map.masters == [
                .tcp(host: "10.0.0.1", port: 1), .tcp(host: "10.0.0.2", port: 2), .tcp(host: "10.0.0.3", port: 3),
            ])
        #expect(map.replicas == [.tcp(host: "10.0.0.4", port: 4)] && map.orphanCount == 0)
        for (number, port) in [(0, 1), (5460, 1), (5461, 2), (10922, 2), (10923, 3), (16383, 3)] as [(Int, UInt16)] {
            #expect(try map[slot(number)] == .tcp(host: "10.0.0.\(port)", port: port))
        }
    }

    @Test("says which slots have another master than in an older map, whatever the order of the masters in either")
    func changes() throws {
        let (a, b, c) = (server(text("a"), 1), server(text("b"), 2), server(text("c"), 3))
        let older = try map(range(0, 9, a), range(10, 19, b), range(20, 29, c))
        func changed(_ ranges: RedisValue...) throws -> [Int] {
            try SlotMap(.array(ranges), askedAt: place).changes(since: older).map(\.number)
        }
        #expect(try changed(range(20, 29, c), range(10, 19, b), range(0, 9, a)) == [])
        #expect(try changed(range(20, 29, c), range(9, 19, b), range(0, 8, a)) == [9])
        #expect(try changed(range(0, 9, a), range(10, 29, b)) == Array(20...29))
        #expect(try changed(range(0, 9, a), range(10, 18, b), range(20, 29, c), range(30, 30, a)) == [19, 30])
        #expect(try changed(range(0, 29, server(text("d"), 4))) == Array(0...29))
        #expect(try changed() == Array(0...29))
        #expect(older.changes(since: nil).count == HashSlot.count)
        var moved = older
        let slot = try slot(5)
        moved.move(slot, to: .tcp(host: "c", port: 3))
        #expect(moved.changes(since: older) == [slot] && older.changes(since: moved) == [slot])
    }

    @Test(
        "reads every way of naming a server",
        arguments: [
            (text("127.0.0.1"), .tcp(host: "127.0.0.1", port: 7001)),
            (text("redis-1.example"), .tcp(host: "redis-1.example", port: 7001)),
            (text("2001:db8::1"), .tcp(host: "2001:db8::1", port: 7001)),
            (.null, .tcp(host: "seed", port: 7001)), (text(""), .tcp(host: "seed", port: 7001)), (text("?"), nil),
        ] as [(RedisValue, Address?)])
    func hosts(host: RedisValue, address: Address?) throws {
        let map = try map(range(0, 1, server(host, 7001)))
        #expect(try map[slot(0)] == address)
        #expect(map.orphanCount == HashSlot.count - (address == nil ? 0 : 2))
    }

    @Test(
        "takes the number of a server whose name nobody has set, where it is told",
        arguments: [
            ([text("ip"), text("10.0.0.9")], true), ([text("hostname"), text(""), text("ip"), text("10.0.0.9")], true),
            ([text("hostname"), text("x")], false), ([text("ip")], false), ([text("ip"), text("")], false), ([], false),
        ] as [([RedisValue], Bool)])
    func metadata(words: [RedisValue], isKnown: Bool) throws {
        let map = try map(range(7, 7, server(text("?"), 7001, [text("id"), .array(words)])))
        #expect(try map[slot(7)] == (isKnown ? .tcp(host: "10.0.0.9", port: 7001) : nil))
    }

    @Test("asked over a unix socket, it means this machine where it names no host")
    func unixSocket() throws {
        let map = try SlotMap(.array([range(0, 0, server(.null, 7001))]), askedAt: .unix(path: "/x"))
        #expect(map.masters == [.tcp(host: "127.0.0.1", port: 7001)])
    }

    @Test("has slots without a master where no range names one")
    func gaps() throws {
        let map = try map(
            range(10, 19, server(text("a"), 1)), range(30, 30), range(40, 41, .array([]), server(text("b"), 2)))
        #expect(map.orphanCount == HashSlot.count - 10 && map.masters == [.tcp(host: "a", port: 1)])
        #expect(try map[slot(9)] == nil && map[slot(20)] == nil && map[slot(30)] == nil && map[slot(40)] == nil)
        #expect(map.replicas == [.tcp(host: "b", port: 2)])
        #expect(try SlotMap(.array([]), askedAt: place).orphanCount == HashSlot.count)
    }

    @Test("takes a thousand ranges, and a thousand masters")
    func manyRanges() throws {
        let thousand = (0..<1000).map { range(Int64($0 * 16), Int64($0 * 16 + 15), server(text("m\($0 % 7)"), 1)) }
        let map = try SlotMap(.array(thousand), askedAt: place)
        #expect(map.masters.count == 7 && map.orphanCount == HashSlot.count - 16_000)
        #expect(try map[slot(15_999)] == .tcp(host: "m5", port: 1))
        let all = (0..<Int64(HashSlot.count)).map { range($0, $0, server(text("m"), 1 + $0)) }
        let crowded = try SlotMap(.array(all), askedAt: place)
        #expect(crowded.masters.count == 1_000 && crowded.orphanCount == HashSlot.count - 1_000)
        #expect(try crowded[slot(999)] == .tcp(host: "m", port: 1_000) && crowded[slot(1_000)] == nil)
    }

    @Test("bounds the ranges, the slots that they name together, and the replicas")
    func bounds() throws {
        let (one, a) = (range(0, 0, server(text("a"), 1)), server(text("a"), 1))
        let most = Array(repeating: one, count: HashSlot.count)
        #expect(try SlotMap(.array(most), askedAt: place).masters.count == 1)
        #expect(throws: SlotMap.Fault.self) { try SlotMap(.array(most + [one]), askedAt: place) }
        let all = range(0, 16_383, a)
        #expect(try map(all, all).orphanCount == 0)
        #expect(throws: SlotMap.Fault.self) { try map(all, all, one) }
        let servers = [a] + (1...6_000).map { server(text("r"), $0) }
        let crowded = try SlotMap(.array([.array([.integer(0), .integer(0)] + servers), one]), askedAt: place)
        #expect(crowded.replicas.count == 5_000 && crowded.masters.count == 1)
    }

    @Test("takes the last word where two ranges overlap")
    func overlap() throws {
        let map = try map(range(0, 9, server(text("a"), 1)), range(5, 14, server(text("b"), 2)))
        #expect(try map[slot(4)] == .tcp(host: "a", port: 1) && map[slot(5)] == .tcp(host: "b", port: 2))
    }

    @Test(
        "refuses what is none",
        arguments: [
            .null, .integer(1), text("x"), .array([.integer(1)]), .array([.array([])]), .array([.array([.integer(1)])]),
            .array([.array([.integer(5), .integer(4)])]), .array([.array([.integer(-1), .integer(4)])]),
            .array([.array([.integer(0), .integer(16_384)])]), .array([.array([.integer(0), .integer(.max)])]),
            .array([.array([.integer(.min), .integer(.max)])]), .array([.array([text("a"), text("b")])]),
        ] as [RedisValue])
    func nonsense(reply: RedisValue) {
        #expect(throws: SlotMap.Fault.self) { try SlotMap(reply, askedAt: place) }
    }

    @Test(
        "passes over a server that has no port",
        arguments: [
            .null, .array([]), .array([text("a")]), .array([text("a"), .integer(0)]),
            .array([text("a"), .integer(65_536)]),
            .array([text("a"), .integer(-1)]), .array([text("a"), text("x")]), .array([text("a"), .integer(.max)]),
        ] as [RedisValue])
    func badServer(server: RedisValue) throws {
        let map = try map(range(0, 16_383, server))
        #expect(map.masters.isEmpty && map.orphanCount == HashSlot.count)
    }

    @Test("moves one slot, also to a master that it did not know")
    func move() throws {
        var map = try map(range(0, 16_383, server(text("a"), 1)))
        try map.move(slot(3), to: .tcp(host: "b", port: 2))
        try map.move(slot(4), to: .tcp(host: "b", port: 2))
        #expect(try map[slot(2)] == .tcp(host: "a", port: 1) && map[slot(3)] == .tcp(host: "b", port: 2))
        #expect(map.masters == [.tcp(host: "a", port: 1), .tcp(host: "b", port: 2)])
    }

    @Test("knows who has the slots that nobody served")
    func heirs() throws {
        let (a, b, c) = (server(text("a"), 1), server(text("b"), 2), server(text("c"), 3))
        let (first, second) = (Address.tcp(host: "a", port: 1), Address.tcp(host: "b", port: 2))
        let old = try map(range(0, 9, a), range(10, 19, b))
        #expect(try map(range(0, 9, a), range(10, 19, b)).heirs(since: old, lost: []) == [])
        #expect(try map(range(0, 19, b)).heirs(since: old, lost: []) == [], "a move of slots that were served")
        #expect(try map(range(0, 19, b)).heirs(since: old, lost: [first]) == [second])
        #expect(
            try map(range(0, 9, c), range(10, 19, b)).heirs(since: old, lost: [first]) == [.tcp(host: "c", port: 3)])
        #expect(try map(range(0, 9, a), range(10, 29, b)).heirs(since: old, lost: []) == [second], "had no master")
        #expect(try map(range(0, 19, a)).heirs(since: old, lost: [first, second]) == [], "an heir that is lost itself")
        #expect(try map(range(0, 9, a)).heirs(since: old, lost: [second]) == [])
    }
}

private func text(_ text: String) -> RedisValue { .bulk(Array(text.utf8)) }
