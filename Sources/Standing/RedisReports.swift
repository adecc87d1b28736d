import RESP
package import Redis
package import Telemetry

/// Logs and counts the events of a loop's connections to Redis, and knows whether Redis refuses its login.
package final class RedisReports {
    private let loop: Int
    private let log: Log
    private let tally: Tally<RedisCounters>
    /// The last reason for which each connection failed although something answered.
    private var oddities: [RedisRole: RedisFailure] = [:]
    /// The connections whose last attempt Redis refused.
    private var refusals = RedisCounters.Pair()
    private let parts: PartReports

    /// `loop` is the number of the loop in its node.
    package init(loop: Int, log: Log, tally: Tally<RedisCounters>) {
        self.loop = loop
        self.log = log
        self.tally = tally
        parts = PartReports(loop: loop, log: log, tally: tally)
    }

    /// Whether Redis refuses the loop's login.
    package var isRefused: Bool { refusals.commands + refusals.pubsub > 0 }

    /// An event of a connection.
    package func receive(_ event: RedisEvent, _ role: RedisRole) {
        switch role {
        case .commands: receive(event, role, "commands", \.commands)
        case .pubsub: receive(event, role, "pubsub", \.pubsub)
        case .part(let part): parts.receive(event, part)
        }
    }

    private func receive(
        _ event: RedisEvent, _ role: RedisRole, _ link: String, _ which: WritableKeyPath<RedisCounters.Pair, UInt64>
    ) {
        write(event, link, isNew: isNew(event, role))
        count(event, which)
    }

    /// Whether the log does not have this reason yet, and an operator needs it: something answers there, and not like the Redis of
    /// the URL.
    private func isNew(_ event: RedisEvent, _ role: RedisRole) -> Bool {
        switch event {
        case .failed(let failure):
            guard failure.isOdd, oddities[role] != failure else { return false }
            oddities[role] = failure
            return true
        case .connected: oddities[role] = nil
        case .lost, .refused, .declined, .tookOver, .retrying: break
        }
        return false
    }

    private func write(_ event: RedisEvent, _ link: String, isNew: Bool) {
        let (link, loop) = (Log.Value.text(link), Log.Value.number(loop))
        switch event {
        case .connected(let server):
            log.info("Redis connected", ["link": link, "loop": loop, "version": .text(server.version)])
        case .lost(let failure):
            log.warning("Redis lost", ["link": link, "loop": loop, "reason": .text("\(failure)")])
        case .failed(let failure) where isNew:
            log.warning("Redis not reached", ["link": link, "loop": loop, "reason": .text("\(failure)")])
        case .failed(let failure):
            log.debug("Redis not reached", ["link": link, "loop": loop, "reason": .text("\(failure)")])
        case .refused(let failure):
            log.error("Redis refuses this node", ["link": link, "loop": loop, "reason": .text("\(failure)")])
        case .retrying: log.debug("Redis will be tried again", ["link": link, "loop": loop])
        case .declined, .tookOver: break
        }
    }

    private func count(_ event: RedisEvent, _ which: WritableKeyPath<RedisCounters.Pair, UInt64>) {
        switch event {
        case .connected:
            tally.counters.redisConnects[keyPath: which] += 1
            refusals[keyPath: which] = 0
        case .lost: tally.counters.redisLosses[keyPath: which] += 1
        case .failed: refusals[keyPath: which] = 0
        // The login is accepted, but lacks a right: RedisStanding reports it.
        case .refused(.refused(let error)) where error.lacksRight && which == \.commands:
            refusals[keyPath: which] = 0
        case .refused: refusals[keyPath: which] = 1
        case .declined, .tookOver, .retrying: break
        }
    }
}

extension RedisFailure {
    /// Somebody answers, or hangs up: it is not just that nobody is there yet.
    fileprivate var isOdd: Bool {
        switch self {
        case .ended, .nonsense, .insecure: true
        case .unreachable, .silent, .unavailable, .refused, .untrusted, .tooOld: false
        case .moved, .noSentinel, .unknownMaster: false
        }
    }
}
