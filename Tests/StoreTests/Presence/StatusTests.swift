import Store
import RedisFixture
import Testing

/// Statuses as several loops write them, and write them again after a loss.
@Suite("Statuses of users", .timeLimit(.minutes(1)))
struct StatusTests {
    private let store: PresenceStore

    init() throws {
        store = try PresenceStore()
        store.register("a")
        store.register("b")
        store.write("a", connections: 1, ["ann": 1])
        store.write("b", connections: 1, ["ann": 1])
    }

    /// The time at which it was set; `at`: the time of an earlier answer.
    @discardableResult
    private func say(_ status: String, of user: String = "ann", at: Int? = nil) -> Int {
        let entry = SetStatusesScript.Entry(user: user, status: status, milliseconds: at.map { Int64($0) })
        let times = store.redis.run(SetStatusesScript([entry], keys: store.keys)) ?? [-1]
        return times[0].map { Int($0) } ?? 0
    }

    private var shown: String? { store.redis.call("HGET", store.key("s"), "ann").string }

    @Test("the last status wins, in whatever order loops write again")
    func lastWord() {
        let away = say("away")
        let busy = say("busy")
        #expect(away > 0 && busy > away && shown == "busy")
        say("away", at: away)
        #expect(shown == "busy")
        for words in [[("away", away), ("busy", busy)], [("busy", busy), ("away", away)]] {
            store.redis.call("DEL", store.key("s"), store.key("t"))
            for (word, time) in words { #expect(say(word, at: time) == time) }
            #expect(shown == "busy")
        }
    }

    @Test("online is stored as no status, and counts like any other")
    func online() {
        let away = say("away")
        let online = say("online")
        #expect(shown == nil)
        for words in [[("away", away), ("online", online)], [("online", online), ("away", away)]] {
            store.redis.call("DEL", store.key("s"), store.key("t"))
            for (word, time) in words { say(word, at: time) }
            #expect(shown == nil)
        }
    }

    @Test("a new status is later than an old one, also when Redis' clock was set back")
    func clock() {
        let future = store.now + 3_600_000
        say("away", at: future)
        #expect(say("busy") == future + 1 && shown == "busy")
    }

    @Test("no status is kept of a user who is not connected")
    func gone() {
        #expect(say("away", of: "nobody") == 0)
        say("away")
        store.write("a", connections: 0, ["ann": 0])
        #expect(shown == "away")
        store.write("b", connections: 0, ["ann": 0])
        #expect(shown == nil && store.redis.call("EXISTS", store.key("s"), store.key("t")) == .integer(0))
    }

    @Test("many statuses are written at once")
    func many() {
        let entries = [("ann", "away", 5), ("nobody", "busy", 6), ("ann", "busy", 7)].map {
            SetStatusesScript.Entry(user: $0.0, status: $0.1, milliseconds: $0.2)
        }
        #expect(store.redis.run(SetStatusesScript(entries, keys: store.keys)) == [5, nil, 7] && shown == "busy")
    }
}
