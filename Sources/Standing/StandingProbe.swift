package import EventLoop
package import RESP
package import Redis
import Store
package import Telemetry

/// Asks Redis whether it does what a loop needs, as ``RedisStanding`` decides. A node logs trouble once, however many
/// of its loops find it.
package final class StandingProbe {
    private let loop: EventLoop
    private let redis: any CommandBus
    private let rights: NeededRights
    private let pubSub: ClusterPubSub
    private let periodMilliseconds: UInt64
    private let troubled: TroubledLoops
    private let log: Log
    private var standing = RedisStanding()
    /// Whether the Redis that takes commands now is a cluster.
    package var isCluster = false

    /// A probe that asks every `periodMilliseconds` for `rights`, in a cluster also for those that `pubSub` needs. All
    /// loops of the node share `troubled`.
    package init(
        loop: EventLoop, redis: any CommandBus, rights: NeededRights, pubSub: ClusterPubSub, periodMilliseconds: Int,
        troubled: TroubledLoops, log: Log
    ) {
        self.loop = loop
        self.redis = redis
        self.troubled = troubled
        self.log = log
        self.periodMilliseconds = UInt64(periodMilliseconds)
        self.rights = rights
        self.pubSub = pubSub
    }

    /// What is wrong; nil where nothing is, or nothing is known.
    package var trouble: RedisStanding.Trouble? { standing.trouble }
    /// Whether Redis is known to do what the loop needs.
    package var isGood: Bool { standing.isGood }

    /// Starts to ask.
    package func start() {
        loop.every(milliseconds: periodMilliseconds) { [weak self] in self?.receive(.beat) }
    }

    package func receive(_ event: RedisStanding.Event) {
        for action in standing.receive(event) {
            switch action {
            case .ask: ask()
            case .sayBegun(let trouble): sayBegun(trouble)
            case .sayOver(let kind): sayOver(kind)
            }
        }
    }

    private func ask() {
        let masters = redis.masters
        guard !masters.isEmpty else { return receive(.unanswered) }
        let question = RightsScript(rights.commands(inCluster: isCluster ? pubSub : nil))
        var answers = StandingAnswers(awaited: masters.count, isCluster: isCluster)
        for master in masters {
            master.run(question) { [weak self] in
                if let event = answers.add($0) { self?.receive(event) }
            }
        }
    }

    private func sayBegun(_ trouble: RedisStanding.Trouble) {
        guard troubled.begin(trouble.kind) else { return }
        switch trouble {
        case .refusesWrites(let error):
            log.error(
                "Redis refuses writes; this node is not ready",
                ["reason": .text("\(error)"), "meaning": .text(error.words)])
        case .lacksRights(let missing):
            log.error(
                "Redis denies this node rights that it needs; it is not ready",
                ["reason": "NOPERM", "missing": .text(NeededRights.summary(missing))])
        }
    }

    private func sayOver(_ kind: RedisStanding.Trouble.Kind) {
        guard troubled.end(kind) else { return }
        switch kind {
        case .refusesWrites: log.info("Redis takes writes again")
        case .lacksRights: log.info("this node has all its rights in Redis again")
        }
    }
}
