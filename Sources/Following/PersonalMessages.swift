import Dialects
import Events
package import Hub
import JSON
import Store
import Telemetry

/// Delivers messages on a user's, a team's or everyone's channel to the connections they are meant for.
///
/// These channels have no sequence: their messages are live, and a user who is away loses them.
package final class PersonalMessages {
    private let hub: Hub
    private let frames: FrameWriter
    private let reader: EventReader
    private let reporter: EventReporter
    private let naming: Naming
    private let tally: FollowingTally
    /// The listener behind a subscriber; nil where the connection takes no messages to people.
    package var listener: (Subscriber) -> Listener? = { _ in nil }
    /// The last announcements.
    package private(set) var announcements = Announcements()

    init(
        hub: Hub, frames: FrameWriter, reader: EventReader, reporter: EventReporter, naming: Naming,
        tally: FollowingTally
    ) {
        self.hub = hub
        self.frames = frames
        self.reader = reader
        self.reporter = reporter
        self.naming = naming
        self.tally = tally
    }

    /// From now on so many buckets of users number their announcements, each for itself.
    package func keepAnnouncements(ofBuckets count: Int) { announcements = Announcements(buckets: count) }
    /// Redis lost the data of a bucket: its announcements' versions start again.
    package func forgetAnnouncements(ofBucket place: Int) { announcements.forget(bucket: place) }

    /// Receives a message from Redis. `isAsking` says which subscribers wait for a task's status.
    func receive(
        _ payload: UnsafeRawBufferPointer, on channel: Channel, isAsking: (Subscriber, Channel) -> Bool
    ) {
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

    /// Sends a message to every member of the channel except the sender's connections. Chat goes to its addressee, who
    /// may be the sender.
    private func address(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        guard let event = event(payload, on: channel) else { return }
        let delivery = Delivery(
            channel: channel.name, event: event, knowledge: TaskKnowledge(), position: nil, timestamp: WallClock.now)
        let version = event.kind == .other("user_status") ? event.object["version"]?.integer : nil
        let sender = Listener.sender(of: event)
        if let version { announcements.append(version, of: sender ?? "", delivery) }
        var frames = self.frames.frames(of: .delivery(delivery))
        hub.fanOut(on: channel, key: .never, frames: { frames.frames(in: $0) }) { subscriber in
            listener(subscriber)?.takes(from: sender, announcement: version) ?? false
        }
    }

    /// Reads `body` as an event; counts and logs it and returns nil where it is none.
    private func event(_ body: UnsafeRawBufferPointer, on channel: Channel) -> Event? {
        do throws(EventReader.NotAnEvent) {
            return try reader.event(body, on: channel.name)
        } catch {
            reporter.reject(error.reason, on: channel)
            return nil
        }
    }

    // MARK: Owners and teams

    /// Tells a task's owner or team of a change, except viewers that follow the task or asked about it.
    private func tell(
        _ envelope: Envelope, _ subject: Envelope.Subject, of task: ChannelName, _ payload: UnsafeRawBufferPointer,
        on channel: Channel, _ isAsking: (Subscriber, Channel) -> Bool
    ) {
        let body = UnsafeRawBufferPointer(rebasing: payload[envelope.bodyOffset...])
        guard let event = event(body, on: channel), event.isAboutTask else { return }
        let delivery = Delivery(
            channel: task, event: event, knowledge: TaskKnowledge(status: subject.status, progress: subject.progress),
            position: Position(epoch: envelope.epoch, sequence: envelope.sequence), timestamp: envelope.milliseconds)
        let followed = hub.channel(naming.channel(task.text))
        var frames = self.frames.frames(of: .taskUpdate(delivery, request: nil))
        let key = event.isConflatable ? Outbox.ConflationKey(task: task.text) : .never
        hub.fanOut(on: channel, key: key, frames: { frames.frames(in: $0) }) { subscriber in
            Listener.takesUpdate(
                ofTaskOf: subject.owner, user: listener(subscriber)?.user,
                hearsTask: followed.map { hub.isMember(subscriber, of: $0) || isAsking(subscriber, $0) } ?? false)
        }
    }
}
