import Dialects
import Hub
import JSON
import Tasks

/// From a message on a user's, a team's or everyone's channel to those it is meant for (RULES 13, 30).
///
/// These channels have no sequence: what is addressed to a person is live, and lost to one who is away.
final class PersonalPath {
    /// A task whose state is being read, since an event left out what its owner must be told.
    private struct Reading {
        var isOutdated = false
    }

    private unowned let core: LoopCore
    private var readings: [String: Reading] = [:]

    init(core: LoopCore) { self.core = core }

    /// A message has come from Redis.
    func receive(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        core.counters.eventsIn += 1
        switch Envelope.read(payload) {
        case .plain: address(payload, on: channel)
        case .sequenced(let envelope):
            guard let name = envelope.subject, let subject = ChannelName(name), subject.kind == .task,
                channel.name.kind != .everyone
            else { fallthrough }
            tell(envelope, of: subject, payload, on: channel)
        case .forged: core.counters.eventsForged += 1
        }
    }

    // MARK: Messages

    /// Gives a message to everybody on the channel but its sender, with all the sender's connections.
    private func address(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        guard let event = core.events.event(payload, on: channel) else { return }
        let delivery = Delivery(
            channel: channel.name, event: event, knowledge: TaskKnowledge(), position: nil, timestamp: WallClock.now)
        let sender = event.object["from_user_id"]?.string ?? event.object["user_id"]?.string
        var frames = core.events.frames(of: .delivery(delivery))
        core.hub.fanOut(on: channel, key: .never, frames: { frames.frames(in: $0) }) { subscriber in
            sender == nil || subscriber.session?.user != sender
        }
    }

    // MARK: Owners and teams

    /// Tells a task's owner or team of a change: as it stands in the event where that says it all, else as it is stored.
    private func tell(
        _ envelope: Envelope, of subject: ChannelName, _ payload: UnsafeRawBufferPointer, on channel: Channel
    ) {
        let body = UnsafeRawBufferPointer(rebasing: payload[envelope.bodyOffset...])
        guard let event = core.events.event(body, on: channel), event.concernsState else { return }
        guard let knowledge = knowledge(of: subject, after: event) else {
            return readState(of: subject, for: channel, owner: envelope.owner)
        }
        let delivery = Delivery(
            channel: subject, event: event, knowledge: knowledge,
            position: Position(epoch: envelope.epoch, sequence: envelope.sequence), timestamp: envelope.milliseconds)
        tell(delivery, on: channel, owner: envelope.owner)
    }

    /// What is known of a task after `event`; nil where only Redis knows.
    private func knowledge(of subject: ChannelName, after event: Event) -> TaskKnowledge? {
        if let live = core.hub.channel(core.shared.configuration.naming.channel(subject.text)), live.sync.isLive {
            return live.knowledge
        }
        let isWhole = event.isStateBearing && event.kind != .progress || event.status != nil && event.progress != nil
        guard isWhole || event.isRestart else { return nil }
        var knowledge = TaskKnowledge()
        knowledge.note(event)
        return knowledge
    }

    private func tell(_ delivery: Delivery, on channel: Channel, owner: String?) {
        let follows = core.hub.channel(core.shared.configuration.naming.channel(delivery.channel.text))
        var frames = core.events.frames(of: .taskUpdate(delivery, request: nil))
        let key = delivery.event.isConflatable ? Outbox.ConflationKey(task: delivery.channel.text) : .never
        core.hub.fanOut(on: channel, key: key, frames: { frames.frames(in: $0) }) { [hub = core.hub] subscriber in
            // The owner has been told as such, and who follows the task by that.
            if let owner, subscriber.session?.user == owner { return false }
            return follows.map { !hub.isMember(subscriber, of: $0) } ?? true
        }
    }

    /// Reads a task's state once for all the events that come meanwhile, and again if there were any.
    private func readState(of subject: ChannelName, for channel: Channel, owner: String?) {
        let key = channel.redisName + " " + subject.text
        guard readings[key] == nil else {
            readings[key]?.isOutdated = true
            return
        }
        readings[key] = Reading()
        core.subscriptions.read(subject, since: nil) { [weak self, weak channel] result in
            guard let self, let reading = readings.removeValue(forKey: key), let channel else { return }
            if case .success(let answer) = result, let delivery = core.events.state(in: answer, of: subject) {
                tell(delivery, on: channel, owner: owner)
            }
            if reading.isOutdated { readState(of: subject, for: channel, owner: owner) }
        }
    }
}

extension Subscriber {
    /// The session behind it; nil where it is no WebSocket's.
    var session: Session? { (owner as? Connection)?.webSocket?.session }
}
