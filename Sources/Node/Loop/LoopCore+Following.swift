import EventLoop
import Hub
import Redis
import Store
import Synchronization

/// What following channels tells the other parts of the loop.
extension LoopCore {
    /// Has the parts hear of each other.
    func wireFollowing() {
        subscriptions.inquirer = inquiries
        subscriptions.viewersDidChange = { [unowned self] in presence.viewers.didChange($0) }
        subscriptions.didMissAnnouncements = { [unowned self] in presence.tellCounts() }
        subscriptions.closeConnections = { [unowned self] in connections.closeAll(of: $0) }
        if let poll {
            let channel = shared.configuration.naming.restartsChannel
            subscriptions.subscribe(restarts: channel) { [unowned poll] in poll.hear(ofRestart: $0) }
        }
        probe.didChange = { [shared] in shared.failingProbes.add($0 ? 1 : -1, ordering: .relaxed) }
        personal.listener = { subscriber in
            guard let following = (subscriber.owner as? Connection)?.following else { return nil }
            return PersonalPath.Listener(user: following.user, hearsAfter: following.hearsAfter)
        }
    }
}

extension FollowingLimits {
    /// As a node's limits and settings say.
    init(_ limits: NodeLimits, _ configuration: Configuration) {
        self.init(
            lingerMilliseconds: limits.lingerMilliseconds, recentBytes: limits.recentBytes,
            replayBytes: limits.replayBytes, missedMilliseconds: limits.missedMilliseconds,
            answerMilliseconds: limits.answerMilliseconds, repairMilliseconds: limits.repairMilliseconds,
            setAsideBytes: limits.outbox.softBytes, eventBytes: limits.eventBytes, jsonDepth: limits.jsonDepth,
            askedPerConnection: configuration.subscriptionsPerConnection,
            droppedPerThousand: configuration.droppedPerThousand)
    }
}
