import Redis
import Telemetry

/// Logs which of several servers cannot be asked: each change once, since a dead server is tried again and again.
final class PartReports {
    private let loop: Int
    private let log: Log
    private let tally: Tally<RedisCounters>
    private var away: Set<RedisPart> = []

    init(loop: Int, log: Log, tally: Tally<RedisCounters>) {
        self.loop = loop
        self.log = log
        self.tally = tally
    }

    func receive(_ event: RedisEvent, _ part: RedisPart) {
        if part.takesCommands { count(event) }
        switch event {
        case .connected:
            away.remove(part)
            guard isReporting(part) else { return }
            log.info("\(part.kind) connected", ["address": .text("\(part.address)"), "loop": .number(loop)])
        case .lost(let failure), .failed(let failure), .refused(let failure):
            guard away.insert(part).inserted, isReporting(part) else { return }
            log.warning(
                "\(part.kind) cannot be asked",
                ["address": .text("\(part.address)"), "loop": .number(loop), "reason": .text("\(failure)")])
        case .tookOver:
            guard loop == 0 else { return }
            log.info("\(part.kind) has taken over slots that none served", ["address": .text("\(part.address)")])
        case .declined, .retrying: break
        }
    }

    /// Every loop depends on its own connection to a server that takes commands; of the others one loop of the node
    /// reports.
    private func isReporting(_ part: RedisPart) -> Bool { part.takesCommands || loop == 0 }

    private func count(_ event: RedisEvent) {
        switch event {
        case .connected: tally.counters.redisConnects.commands += 1
        case .lost: tally.counters.redisLosses.commands += 1
        case .failed, .refused, .declined, .tookOver, .retrying: break
        }
    }
}
