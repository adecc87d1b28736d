import EventLoop
import Store
import RESP
import Redis
import Synchronization

/// Asks Redis whether it does what a loop needs, as ``Standing`` decides. What is said of it is said once a node, however many
/// loops find it.
final class StandingProbe {
    private unowned let core: LoopCore
    private let question: RightsScript
    private var standing = Standing()

    init(core: LoopCore) {
        self.core = core
        question = RightsScript(NeededRights(core.shared.configuration).commands)
    }

    /// What is wrong; nil where nothing is, or nothing is known.
    var trouble: Standing.Trouble? { standing.trouble }
    /// Whether Redis is known to do what is needed.
    var isGood: Bool { standing.isGood }

    /// Begins to ask.
    func start() {
        core.loop.every(milliseconds: UInt64(core.shared.configuration.presence.heartbeatMilliseconds)) { [weak self] in
            self?.receive(.beat)
        }
    }

    func receive(_ event: Standing.Event) {
        for action in standing.receive(event) {
            switch action {
            case .ask: ask()
            case .sayBegun(let trouble): sayBegun(trouble)
            case .sayOver(let kind): sayOver(kind)
            }
        }
    }

    private func ask() {
        core.redis.run(question) { [weak self] result in
            switch result {
            case .success(let missing): self?.receive(.answered(missing: missing))
            case .failure(.reply(let error)): self?.receive(.refused(error))
            case .failure: self?.receive(.unanswered)
            }
        }
    }

    private func sayBegun(_ trouble: Standing.Trouble) {
        guard core.shared.troubledLoops.withLock({ $0.begin(trouble.kind) }) else { return }
        switch trouble {
        case .refusesWrites(let error):
            core.log.error(
                "Redis refuses writes; this node is not ready",
                ["reason": .text("\(error)"), "meaning": .text(error.words)])
        case .lacksRights(let missing):
            core.log.error(
                "Redis denies this node rights that it needs; it is not ready",
                ["reason": "NOPERM", "missing": .text(NeededRights.summary(missing))])
        }
    }

    private func sayOver(_ kind: Standing.Trouble.Kind) {
        guard core.shared.troubledLoops.withLock({ $0.end(kind) }) else { return }
        switch kind {
        case .refusesWrites: core.log.info("Redis takes writes again")
        case .lacksRights: core.log.info("this node has all its rights in Redis again")
        }
    }
}

/// How many loops of a node have found trouble of each kind.
struct TroubledLoops: Sendable {
    private var counts: [Standing.Trouble.Kind: Int] = [:]

    /// One more has; whether it is the first.
    mutating func begin(_ kind: Standing.Trouble.Kind) -> Bool {
        counts[kind, default: 0] += 1
        return counts[kind] == 1
    }

    /// One less has; whether it was the last.
    mutating func end(_ kind: Standing.Trouble.Kind) -> Bool {
        counts[kind, default: 1] -= 1
        return counts[kind] == 0
    }
}
