import RESP
import Redis
import Telemetry

/// Logs which Sentinels can be asked: each change once, since a dead one is tried every second.
final class SentinelReports {
    /// Nil where another loop of the node says it.
    private let log: Log?
    private var troubled: Set<RedisEndpoint.Address> = []

    init(log: Log?) { self.log = log }

    func receive(_ event: RedisEvent, _ address: RedisEndpoint.Address) {
        let sentinel = Log.Value.text("\(address)")
        switch event {
        case .connected:
            troubled.remove(address)
            log?.info("Sentinel connected", ["sentinel": sentinel])
        case .lost(let failure), .failed(let failure), .refused(let failure):
            guard troubled.insert(address).inserted else { return }
            log?.warning("Sentinel cannot be asked", ["sentinel": sentinel, "reason": .text("\(failure)")])
        case .declined, .retrying, .shard: break
        }
    }
}
