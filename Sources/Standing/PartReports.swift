import RESP
import Redis
import Telemetry

/// Logs which of several servers cannot be asked, as ``AwayParts`` decides.
final class PartReports {
    private let loop: Int
    private let log: Log
    private let tally: Tally<RedisCounters>
    private var parts: AwayParts

    init(loop: Int, log: Log, tally: Tally<RedisCounters>) {
        self.loop = loop
        self.log = log
        self.tally = tally
        parts = AwayParts(loop: loop)
    }

    func receive(_ event: RedisEvent, _ part: RedisPart) {
        if part.takesCommands { count(event) }
        let (address, loop) = (Log.Value.text("\(part.address)"), Log.Value.number(loop))
        switch parts.receive(event, part) {
        case nil: break
        case .connected: log.info("\(part.kind) connected", ["address": address, "loop": loop])
        case .away(let failure):
            log.warning(
                "\(part.kind) cannot be asked", ["address": address, "loop": loop, "reason": .text("\(failure)")])
        case .tookOver: log.info("\(part.kind) has taken over slots that none served", ["address": address])
        }
    }

    private func count(_ event: RedisEvent) {
        switch event {
        case .connected: tally.counters.redisConnects.commands += 1
        case .lost: tally.counters.redisLosses.commands += 1
        case .failed, .refused, .declined, .tookOver, .retrying: break
        }
    }
}
