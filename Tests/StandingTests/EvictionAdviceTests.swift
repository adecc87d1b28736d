import RESP
import Testing

@testable import Standing

@Suite("When the log warns of a Redis that evicts keys")
struct EvictionAdviceTests {
    private final class Master {}
    private let one = Master()
    private let other = Master()

    private func info(_ policy: String?) -> RedisInfo {
        RedisInfo(
            "# Memory\r\nused_memory:18446744073709551616\r\n" + (policy.map { "maxmemory_policy:\($0)\r\n" } ?? ""))
    }

    /// What is new to the log, policy by policy of one master.
    private func news(_ policies: String?...) -> [Bool] {
        var advice = EvictionAdvice()
        return policies.map { advice.news(info($0), of: ObjectIdentifier(one)) != nil }
    }

    @Test("says it once, and again after it was mended or when it is something else")
    func once() {
        #expect(news("noeviction", nil, "") == [false, false, true])
        #expect(news("allkeys-lru", "allkeys-lru", "volatile-ttl", "volatile-ttl") == [true, false, true, false])
        #expect(news("allkeys-lru", "noeviction", "allkeys-lru") == [true, false, true])
        #expect(news("allkeys-lru", nil, "allkeys-lru") == [true, false, true])
    }

    @Test("says it once for all masters, and forgets a master that is no longer asked")
    func masters() {
        var advice = EvictionAdvice()
        let (one, other) = (ObjectIdentifier(one), ObjectIdentifier(other))
        #expect(advice.news(info("allkeys-lru"), of: one)?.contains("allkeys-lru") == true)
        #expect(advice.news(info("allkeys-lru"), of: other) == nil)
        #expect(advice.news(info("noeviction"), of: one) == nil)
        #expect(advice.news(info("allkeys-lru"), of: one) == nil)
        advice.ask([one])
        #expect(advice.news(info("noeviction"), of: one) == nil)
        #expect(advice.news(info("allkeys-lru"), of: other) != nil)
    }
}
