import RESP
package import Redis
package import Telemetry

/// Warns in the log where Redis is configured so that it loses keys, as ``EvictionAdvice`` decides. It asks whenever a
/// Redis comes back.
package final class EvictionWarning {
    private let redis: any CommandBus
    private let log: Log
    private var advice = EvictionAdvice()

    package init(redis: any CommandBus, log: Log) {
        self.redis = redis
        self.log = log
    }

    /// Redis takes commands (again).
    package func redisIsReady() {
        let masters = redis.masters
        advice.ask(Set(masters.map { ObjectIdentifier($0) }))
        for master in masters {
            let id = ObjectIdentifier(master)
            master.send(InfoRequest([.memory])) { [weak self] result in
                guard let self, case .success(let info) = result, let news = advice.news(info, of: id) else { return }
                log.warning("\(news)", [:])
            }
        }
    }
}
