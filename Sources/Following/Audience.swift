package import Events
import Hub
import Store

/// The viewers of a loop's channels: the members, and those who wait to become members.
///
/// A viewer becomes a member only when the channel is live: subscribed, confirmed, read. Until then it waits, so that
/// state and live events follow each other without a gap or a duplicate.
package final class Audience {
    private let hub: Hub
    private let naming: Naming
    private var waiting = WaitingList<ObjectIdentifier, Channel, Joiner>()

    /// Called with a channel that got a viewer or lost one.
    package var viewersDidChange: (ChannelName) -> Void = { _ in }

    init(hub: Hub, naming: Naming) {
        self.hub = hub
        self.naming = naming
    }

    /// The channel of that name, where the loop follows it.
    func channel(_ name: ChannelName) -> Channel? { hub.channel(naming.channel(name.text)) }

    /// Whether nobody follows the channel or waits for it.
    func isUnwatched(_ channel: Channel) -> Bool { channel.memberCount == 0 && waiting.isEmpty(for: channel) }

    /// Whether a member must first take what was sent before.
    func isBehind(_ channel: Channel) -> Bool { channel.viewers.contains { $0.viewer?.isBehind ?? false } }
}

/// Members.
extension Audience {
    /// The viewer takes `interest` of the channel from now on.
    func seat(_ viewer: any Viewer, in channel: Channel, taking interest: Interest) {
        hub.join(viewer.subscriber, channel, taking: interest)
        viewersDidChange(channel.name)
    }

    /// The member no longer takes `interest` of the channel.
    func unseat(_ subscriber: Subscriber, from channel: Channel, noLonger interest: Interest = [.events, .updates]) {
        if hub.leave(subscriber, channel, noLonger: interest) { viewersDidChange(channel.name) }
    }

    /// The viewer leaves every channel, and waits for none. Returns those channels.
    func removeAll(of viewer: any Viewer) -> [Channel] {
        let awaited = waiting.removeAll(of: ObjectIdentifier(viewer.subscriber)).map(\.what)
        let left = hub.leaveAll(viewer.subscriber)
        for channel in left { viewersDidChange(channel.name) }
        return awaited + left
    }
}

/// Viewers that wait.
extension Audience {
    /// Adds a viewer behind all others that wait. Returns the ticket with which it is removed.
    @discardableResult
    func wait(_ joiner: Joiner, for channel: Channel, _ cause: Joiner.Cause) -> UInt64 {
        var joiner = joiner
        joiner.waitsFor = cause
        return waiting.add(joiner, of: ObjectIdentifier(joiner.viewer.subscriber), for: channel)
    }

    /// Removes the viewer with this ticket; false where it has left.
    func remove(_ ticket: UInt64) -> Bool { waiting.remove(ticket) }

    /// Removes all that wait for the channel, or those that wait for it to be live; returns them in order.
    func removeWaiting(for channel: Channel, _ cause: Joiner.Cause? = nil) -> [Joiner] {
        waiting.removeAll(for: channel) { cause == nil || $0.waitsFor == cause }
    }

    /// Removes what the viewer waits for of the channel, as far as it is part of `interest`; returns it in order.
    func removeWaiting(_ viewer: any Viewer, for channel: Channel, _ interest: Interest) -> [Joiner] {
        waiting.removeAll(of: ObjectIdentifier(viewer.subscriber), for: channel) { interest.contains($0.interest) }
    }
}

/// Viewers that wait for the answer to a question.
extension Audience {
    /// The questions about the channel's task that wait for an answer, in order. Costs nothing where nobody waits: it is
    /// called for every event.
    func questions(about channel: Channel) -> [Question] {
        guard waiting.count > 0, !waiting.isEmpty(for: channel) else { return [] }
        return waiting.waits(for: channel).filter { $0.waitsFor == .answer }.compactMap(\.question)
    }

    /// Whether the subscriber waits for the task's status.
    func isAsking(_ subscriber: Subscriber, about channel: Channel) -> Bool {
        waiting.waits(of: ObjectIdentifier(subscriber)).contains { $0.what === channel && $0.wish.waitsFor == .answer }
    }

    /// Whether the viewer waits with this question.
    func isWaiting(_ viewer: any Viewer, with question: Question) -> Bool {
        waiting.waits(of: ObjectIdentifier(viewer.subscriber)).contains {
            $0.wish.question === question && $0.wish.waitsFor == .answer
        }
    }

    /// Removes the viewer that waits with this question; nil where it does not wait.
    func remove(_ viewer: any Viewer, with question: Question, about channel: Channel) -> Joiner? {
        waiting.removeAll(of: ObjectIdentifier(viewer.subscriber), for: channel) {
            $0.question === question && $0.waitsFor == .answer
        }.first
    }
}

/// What one viewer follows.
extension Audience {
    /// What the viewer takes of the channel now.
    func interest(of viewer: any Viewer, in name: ChannelName) -> Interest {
        guard let channel = channel(name) else { return [] }
        return hub.interest(of: viewer.subscriber, in: channel)
    }

    /// Whether the viewer takes this of the channel, or waits for it.
    func follows(_ viewer: any Viewer, _ name: ChannelName, taking interest: Interest) -> Bool {
        guard let channel = channel(name) else { return false }
        return hub.interest(of: viewer.subscriber, in: channel).contains(interest)
            || waiting.waits(of: ObjectIdentifier(viewer.subscriber)).contains {
                $0.what == channel && $0.wish.interest == interest
            }
    }

    /// The number of channels the viewer subscribed to, without its user's, its teams' and those it only asked about.
    func subscriptionCount(of viewer: any Viewer) -> Int {
        viewer.subscriber.channels { $0.contains(.events) }.count { !$0.name.isPersonal }
            + waiting.waits(of: ObjectIdentifier(viewer.subscriber)).count {
                $0.wish.interest != .updates && !$0.what.name.isPersonal
            }
    }

    /// The tasks that the viewer only asked about. `told`: tasks whose changes the viewer gets, oldest first; `waiting`: how
    /// many of its questions have no answer yet.
    func askedAbout(by viewer: any Viewer) -> (told: [ChannelName], waiting: Int) {
        let told = viewer.subscriber.channels { $0 == .updates }.map(\.name)
        let waits = waiting.waits(of: ObjectIdentifier(viewer.subscriber))
        return (told, waits.count { $0.wish.interest == .updates })
    }
}
