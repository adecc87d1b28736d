import Redis
import Telemetry

/// Logs and counts what happens to the connections to the masters of a cluster, by the master's address. What can be said of a
/// master that is away is said once, until it is back.
final class ShardReports {
    private let loop: Log.Value
    private let log: Log
    private let tally: Tally<RedisCounters>
    private var away: Set<String> = []

    init(loop: Int, log: Log, tally: Tally<RedisCounters>) {
        self.loop = .number(loop)
        self.log = log
        self.tally = tally
    }

    func receive(_ event: RedisEvent, _ address: String) {
        let shard = Log.Value.text(address)
        switch event {
        case .connected(let server):
            away.remove(address)
            tally.counters.redisConnects.commands += 1
            log.info(
                "Redis connected", ["link": "commands", "shard": shard, "loop": loop, "version": .text(server.version)])
        case .lost(let failure):
            away.insert(address)
            tally.counters.redisLosses.commands += 1
            log.warning(
                "Redis lost", ["link": "commands", "shard": shard, "loop": loop, "reason": .text("\(failure)")])
        case .failed(let failure), .refused(let failure):
            guard away.insert(address).inserted else { return }
            log.warning(
                "this server of the cluster cannot be asked",
                ["shard": shard, "loop": loop, "reason": .text("\(failure)")])
        case .declined, .retrying, .shard: break
        }
    }
}
