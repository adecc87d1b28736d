import EventLoop
import RESP
import Redis

extension LoopCore {
    /// Writes down and passes on what happens to a connection to Redis.
    func note(_ event: RedisEvent, _ role: RedisRole) {
        RedisLogging.log(event, role, loop: index, to: log)
        note(event, role == .commands ? \.commands : \.pubsub)
        guard role == .commands else { return }
        switch event {
        case .connected: redisIsReady()
        case .lost(let failure), .failed(let failure), .refused(let failure): standing.receive(.gone(failure))
        case .declined: standing.receive(.doubt)
        case .retrying: break
        }
    }

    /// Counts what a connection to Redis reports.
    private func note(_ event: RedisEvent, _ which: WritableKeyPath<RedisCounters.Pair, UInt64>) {
        switch event {
        case .connected:
            counters.redisConnects[keyPath: which] += 1
            refusalsByRedis[keyPath: which] = 0
        case .lost: counters.redisLosses[keyPath: which] += 1
        case .failed: refusalsByRedis[keyPath: which] = 0
        // It is let in, and may not do all it needs.
        case .refused(.refused(let error)) where error.lacksRight && which == \.commands:
            refusalsByRedis[keyPath: which] = 0
        case .refused: refusalsByRedis[keyPath: which] = 1
        case .declined, .retrying: break
        }
    }

    /// Whether Redis does not let this loop in.
    var isRefusedByRedis: Bool { refusalsByRedis.commands + refusalsByRedis.pubsub > 0 }
}
