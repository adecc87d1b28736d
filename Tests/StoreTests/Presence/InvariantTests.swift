import Store
import RedisFixture
import Testing

/// The invariants of the scripts, with any callers in any order.
@Suite("Presence scripts", .timeLimit(.minutes(1)))
struct InvariantTests {
    @Test("an unregistered loop can leave nothing behind")
    func lateWrites() throws {
        let store = try PresenceStore()
        #expect(store.write("ghost", connections: 3, ["alice": 3]) == [0])
        #expect(!store.setViewers("ghost", "video", 2))
        #expect(store.beat("ghost", users: 1, connections: 3) == 0)
        #expect(store.stored.isEmpty)
        store.register("a")
        store.write("a", connections: 1, ["alice": 1])
        store.setViewers("a", "video", 1)
        while store.reap("a", isOwn: true) {}
        #expect(store.write("a", connections: 5, ["alice": 5]) == [0])
        #expect(!store.setViewers("a", "video", 5))
        #expect(store.stored == ["ft:{online}:meta", "ft:{online}:off"])
    }

    @Test("a repeated write changes nothing; totals are those of all loops")
    func absolute() throws {
        let store = try PresenceStore()
        store.register("a")
        store.register("b")
        #expect(store.write("a", connections: 3, ["alice": 2, "bob": 1]).dropFirst(3) == [2, 1])
        #expect(store.write("a", connections: 3, ["alice": 2, "bob": 1]).dropFirst(3) == [2, 1])
        #expect(store.write("b", connections: 1, ["alice": 1]).dropFirst(3) == [3])
        #expect(store.counts("u") == ["alice": 3, "bob": 1])
        #expect(store.counts("nc") == ["a": 3, "b": 1, "*": 4])
        #expect(store.beat("a", users: 2, connections: 3) == 1)
        #expect(store.beat("a", users: 2, connections: 4) == 2 && store.beat("a", users: 1, connections: 3) == 2)
    }

    @Test("two callers that reap a loop at once take different users, and any other continues for one that stops")
    func reapers() throws {
        let store = try PresenceStore()
        store.lease = 100
        store.heartbeat = 30
        store.register("dead")
        store.register("alive")
        let users = (0..<50).map { ("user-\($0)", $0 % 3 + 1) }
        let connections = users.reduce(0) { $0 + $1.1 }
        store.write("dead", connections: connections, users)
        store.write("alive", connections: 1, [("user-0", 1)])
        for task in 0..<5 { store.setViewers("dead", "t\(task)", 2) }
        store.setViewers("alive", "t0", 1)
        // Repeated: on a busy machine no loop may have beaten for a lease, and then none is reaped for one.
        func waitUntilDeadIsDue() {
            while !store.tick().contains("dead") { store.beat("alive", users: 1, connections: 1) }
        }
        waitUntilDeadIsDue()
        var calls = 0
        while store.reap("dead", chunk: 3) {
            calls += 1
            // Between two chunks it is still listed, so that any loop continues.
            waitUntilDeadIsDue()
            if calls % 2 == 0 { store.reap("dead", chunk: 2) }
            store.beat("alive", users: 1, connections: 1)
        }
        #expect(calls > 5)
        #expect(store.counts("u") == ["user-0": 1] && store.counts("nc") == ["alive": 1, "*": 1])
        #expect(store.viewers("t0") == 1 && store.viewers("t1") == 0)
        #expect(!store.tick().contains("dead") && store.members("dead").isEmpty)
    }

    @Test("a loop that came back before it was reaped is left alone")
    func cameBack() throws {
        let store = try PresenceStore()
        store.register("a")
        store.write("a", connections: 1, ["alice": 1])
        #expect(!store.reap("a"))
        #expect(store.counts("u") == ["alice": 1] && store.members("nodes") == ["a"])
    }

    @Test("after an outage no loop is reaped for one lease")
    func grace() throws {
        let store = try PresenceStore()
        store.lease = 200
        store.heartbeat = 60
        store.register("a")
        store.register("b")
        store.write("a", connections: 1, ["alice": 1])
        store.write("b", connections: 1, ["bob": 1])
        // No loop beats for longer than the lease: as if Redis had been away.
        let start = store.now
        while store.now < start + 300 { _ = store.tick() }
        #expect(store.tick().isEmpty, "nothing is done before somebody beats")
        let back = store.now
        #expect(store.beat("a", users: 1, connections: 1) == 1)
        while true {
            store.beat("a", users: 1, connections: 1)
            let due = store.tick()
            guard store.now < back + 200 else { break }
            #expect(due.isEmpty)
        }
        #expect(store.counts("u") == ["alice": 1, "bob": 1])
        while !store.tick().contains("b") { store.beat("a", users: 1, connections: 1) }
        #expect(store.now - back >= 200)
    }

    @Test("counts written again after a loss are not announced; new users are")
    func repeated() throws {
        let store = try PresenceStore()
        store.register("a")
        #expect(store.write("a", connections: 1, ["alice": 1])[2] == 1)
        store.redis.call("FLUSHALL")
        #expect(store.beat("a", users: 1, connections: 1) == 0)
        store.register("a2", again: true)
        #expect(store.write("a2", connections: 1, ["alice": 1], isRepeated: true)[1...2] == [1, 0])
        #expect(store.write("a2", connections: 2, ["bob": 1])[1...2] == [2, 1])
    }

    @Test("changes are announced once a user, a departure after the grace and not where the user is back")
    func announcements() throws {
        let store = try PresenceStore()
        store.grace = 60_000
        store.register("a")
        store.register("b")
        #expect(store.write("a", connections: 1, ["alice": 1])[1...2] == [1, 1])
        #expect(store.write("b", connections: 1, ["alice": 1])[1...2] == [1, 1], "a second tab is no news")
        store.write("a", connections: 0, ["alice": 0])
        #expect(store.write("b", connections: 0, ["alice": 0])[1...2] == [1, 1], "gone, not announced yet")
        #expect(store.counts("u").isEmpty && store.members("off") == ["alice"])
        #expect(store.write("a", connections: 1, ["alice": 1])[1...2] == [1, 1], "back within the grace")
        #expect(store.members("w").isEmpty && store.members("off").isEmpty)
        store.grace = 60
        store.write("a", connections: 0, ["alice": 0])
        while !store.members("w").isEmpty {
            store.beat("a", users: 0, connections: 0)
            _ = store.tick()
        }
        #expect(store.write("a", connections: 0, [] as [(String, Int)])[1...2] == [0, 2])
    }

    @Test("after a loss of data no count goes below zero")
    func neverNegative() throws {
        let store = try PresenceStore()
        store.register("a")
        store.write("a", connections: 2, ["alice": 2])
        store.redis.call("DEL", store.key("u"), store.key("x"))
        store.write("a", connections: 1, ["alice": 1])
        #expect(store.counts("u").values.allSatisfy { $0 > 0 })
        while store.reap("a", isOwn: true) {}
        #expect(store.counts("u").isEmpty)
        #expect(store.stored.subtracting(["ft:{online}:meta", "ft:{online}:off"]).isEmpty)
    }

    @Test("a user online costs at most 450 bytes of Redis, with ids of 36 bytes")
    func memory() throws {
        let store = try PresenceStore()
        store.register("a")
        let before = store.usedMemory
        let count = 5_000
        for first in stride(from: 0, to: count, by: 100) {
            let users = (first..<first + 100).map { number in
                ("\(String(10_000_000 + number))-1234-1234-1234-123456789012", 1)
            }
            #expect(users[0].0.utf8.count == 36)
            store.write("a", connections: first + 100, users)
        }
        #expect(store.counts("u").count == count)
        let bytes = (store.usedMemory - before) / count
        print("\(bytes) bytes of Redis per user online")
        #expect((1...450).contains(bytes))
    }

    @Test("a user who may not be announced counts as unannounced, so that clients are told the count again")
    func unannounced() throws {
        let store = try PresenceStore()
        store.register("a")
        let numbers = { store.redis.call("HMGET", store.key("meta"), "v", "quiet").list.map { $0.int ?? 0 } }
        store.write("a", connections: 1, ["ann": 1])
        #expect(numbers() == [1, 0])
        store.redis.call("ACL", "SETUSER", "default", "resetchannels")
        store.write("a", connections: 2, ["ann": 1, "bob": 1])
        #expect(numbers() == [2, 1])
        #expect(store.redis.call("HLEN", store.key("u")).int == 2)
    }
}
