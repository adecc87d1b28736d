import RESP
package import Redis
package import Telemetry

/// Warns in the log where Redis is configured so that it loses keys: once for each advice, whenever Redis comes back.
package final class EvictionWarning {
    private let redis: any CommandBus
    private let log: Log
    private var said: String?

    package init(redis: any CommandBus, log: Log) {
        self.redis = redis
        self.log = log
    }

    /// Redis takes commands (again).
    package func redisIsReady() {
        for master in redis.masters {
            master.send(RedisCommand("INFO", "memory")) { [weak self] result in
                guard let self, case .success(let reply) = result else { return }
                let advice = RedisAdvice.eviction(RedisInfo(reply.string ?? ""))
                if let advice, advice != said { log.warning("\(advice)", [:]) }
                said = advice
            }
        }
    }
}
