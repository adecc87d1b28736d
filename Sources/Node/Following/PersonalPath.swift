import Events
import Dialects
import Hub
import JSON
import Store

/// From a message on a user's, a team's or everyone's channel to those it is meant for.
///
/// These channels have no sequence: what is addressed to a person is live, and lost to one who is away.
final class PersonalPath {
    /// What of a subscriber decides whether a message to people is meant for it.
    struct Listener {
        /// Whose connection it is.
        let user: String?
        /// The last announcement that is in the count the client was told; nil before.
        let hearsAfter: Int64?
    }

    private let hub: Hub
    private let events: EventPath
    private let naming: Naming
    private let tally: FollowingTally
    /// Whoever listens with a subscriber; nil where nobody hears messages to people.
    var listener: (Subscriber) -> Listener? = { _ in nil }
    /// What was announced last.
    private(set) var announcements = Announcements()

    init(hub: Hub, events: EventPath, naming: Naming, tally: FollowingTally) {
        self.hub = hub
        self.events = events
        self.naming = naming
        self.tally = tally
    }

    /// Their numbers have begun anew.
    func forgetAnnouncements() { announcements = Announcements() }

    /// A message has come from Redis.
    /// `isAsking` says who waits to be told how a task stands.
    func receive(
        _ payload: UnsafeRawBufferPointer, on channel: Channel, isAsking: (Subscriber, Channel) -> Bool
    ) {
        tally.counters.eventsIn += 1
        switch Envelope.read(payload) {
        case .plain: address(payload, on: channel)
        case .sequenced(let envelope):
            guard let subject = envelope.subject, let task = ChannelName(subject.channel), task.kind == .task,
                channel.name.kind != .everyone
            else { fallthrough }
            tell(envelope, subject, of: task, payload, on: channel, isAsking)
        case .forged: tally.counters.eventsForged += 1
        }
    }

    // MARK: Messages

    /// Gives a message to everybody on the channel but its sender, with all the sender's connections. Chat is for the one it is
    /// addressed to, who may be its sender.
    private func address(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        guard let event = events.event(payload, on: channel) else { return }
        let delivery = Delivery(
            channel: channel.name, event: event, knowledge: TaskKnowledge(), position: nil, timestamp: WallClock.now)
        let version = event.kind == .other("user_status") ? event.object["version"]?.integer : nil
        if let version { announcements.note(version, delivery) }
        let sender = Self.sender(of: event)
        var frames = events.frames(of: .delivery(delivery))
        hub.fanOut(on: channel, key: .never, frames: { frames.frames(in: $0) }) { subscriber in
            guard let listener = listener(subscriber), sender == nil || listener.user != sender else { return false }
            guard let version else { return true }
            return listener.hearsAfter.map { version > $0 } ?? false
        }
    }

    /// The user whose doing it is, where it is one's: what the application says of a user is for that user too.
    private static func sender(of event: Event) -> String? {
        guard case .other(let type) = event.kind else { return nil }
        let key: StaticString
        switch type {
        case "typing", "presence", "user_status": key = "user_id"
        default: return nil
        }
        return event.object[key].flatMap { $0.string ?? $0.integer?.description }
    }

    // MARK: Owners and teams

    /// Tells a task's owner or team of a change, but for those who follow the task or have asked about it.
    private func tell(
        _ envelope: Envelope, _ subject: Envelope.Subject, of task: ChannelName, _ payload: UnsafeRawBufferPointer,
        on channel: Channel, _ isAsking: (Subscriber, Channel) -> Bool
    ) {
        let body = UnsafeRawBufferPointer(rebasing: payload[envelope.bodyOffset...])
        guard let event = events.event(body, on: channel), event.concernsState else { return }
        let delivery = Delivery(
            channel: task, event: event, knowledge: TaskKnowledge(status: subject.status, progress: subject.progress),
            position: Position(epoch: envelope.epoch, sequence: envelope.sequence), timestamp: envelope.milliseconds)
        let followed = hub.channel(naming.channel(task.text))
        var frames = events.frames(of: .taskUpdate(delivery, request: nil))
        let key = event.isConflatable ? Outbox.ConflationKey(task: task.text) : .never
        hub.fanOut(on: channel, key: key, frames: { frames.frames(in: $0) }) { subscriber in
            // The owner has been told as such, and who follows the task by that.
            if let owner = subject.owner, listener(subscriber)?.user == owner { return false }
            guard let followed else { return true }
            return !hub.isMember(subscriber, of: followed) && !isAsking(subscriber, followed)
        }
    }
}
