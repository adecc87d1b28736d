import Base
import Events
import Dialects
import Hub
import JSON
import RESP
import Redis
import Store
import WebSocket

/// From a message of Redis to every member's outbox.
///
/// One event is looked at once: envelope, JSON, kind; then encoded once a shape and shared by all members.
final class EventPath {
    private let hub: Hub
    private let tally: FollowingTally
    private let log: Log
    /// Who reads channels, and answers those who have asked.
    weak var subscriptions: Subscriptions?
    private let parser: JSONParser
    private let deflater = Deflater()
    let origin = Incarnation.make()
    private var serial: UInt64 = 0
    private let recent: RecentMemory

    init(hub: Hub, limits: FollowingLimits, tally: FollowingTally, log: Log) {
        self.hub = hub
        self.tally = tally
        self.log = log
        recent = RecentMemory(maxBytes: limits.recentBytes)
        parser = JSONParser(maxBytes: limits.eventBytes, maxDepth: limits.jsonDepth)
    }

    // MARK: In order

    /// A message has come from Redis.
    func receive(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        tally.counters.eventsIn += 1
        let reading = Envelope.read(payload)
        if case .forged = reading {
            tally.counters.eventsForged += 1
            return
        }
        let verdict = channel.sync.receive(Self.position(of: reading), payload: payload)
        act(verdict, reading, payload, channel)
    }

    /// Messages that waited for a read, in order.
    func receive(waiting messages: [ChannelSync.Waiting], on channel: Channel) {
        for message in messages {
            let verdict = channel.sync.admit(message)
            message.payload.withUnsafeBytes { act(verdict, Envelope.read($0), $0, channel) }
        }
    }

    /// What a read has found. All of it is new to the channel's members.
    func tell(_ found: ChannelSync.Found, _ entries: [[UInt8]], on channel: Channel) {
        for step in found.steps {
            channel.sync.owe(step.missed)
            let payload =
                switch step.item {
                case .entry(let index): entries[index]
                case .waiting(let message): message.payload
                }
            payload.withUnsafeBytes { _ = deliver(Envelope.read($0), $0, on: channel) }
        }
        channel.sync.owe(found.missedAtEnd)
    }

    /// Tells the members what they have missed, as a message of its own.
    func tellMissed(on channel: Channel) {
        let count = channel.sync.takeMissed()
        guard count > 0, let position = channel.sync.position else { return }
        var frames = frames(of: .missed(channel.name, count: count, position: position))
        hub.fanOut(on: channel, conflatable: false) { frames.frames(in: $0) }
    }

    /// Where each of the entries of a history stands; nil for what has no place.
    static func places(of entries: [[UInt8]]) -> [Position?] {
        entries.map { $0.withUnsafeBytes { position(of: Envelope.read($0)) } }
    }

    /// Entries of a history, with what was known at the time.
    func recall(_ entries: [[UInt8]], on channel: Channel) -> [RecentEvents.Message] {
        entries.map { entry in
            let reading = entry.withUnsafeBytes { Envelope.read($0) }
            var known = channel.knowledge
            take(knowledgeIn: reading, into: &known)
            return RecentEvents.Message(payload: entry, knowledge: known)
        }
    }

    /// An event as it is told to one who missed it: as it was told to those who were there. Nil where it is none.
    func delivery(of message: RecentEvents.Message, on channel: Channel) -> Delivery? {
        message.payload.withUnsafeBytes { payload in
            let reading = Envelope.read(payload)
            return event(in: reading, payload, channel).map { event in
                var delivery = Delivery(
                    channel: channel.name, event: event, knowledge: message.knowledge,
                    position: Self.position(of: reading), timestamp: Self.time(of: reading) ?? WallClock.now)
                delivery.owner = channel.owner
                return delivery
            }
        }
    }

    /// What was known of a task with an event of its history, as far as the history says.
    private func take(knowledgeIn reading: Envelope.Reading, into knowledge: inout TaskKnowledge) {
        guard case .sequenced(let envelope) = reading, let known = envelope.knowledge else { return }
        let stage = known.currentStage.flatMap { (try? parser.value($0))?.string }
        knowledge.take(
            progress: known.progress, status: known.status, currentStage: stage, completedStages: known.completedStages,
            parser: parser)
    }

    private func act(
        _ verdict: ChannelSync.Verdict, _ reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer,
        _ channel: Channel
    ) {
        switch verdict {
        case .deliver:
            if deliver(reading, payload, on: channel) { subscriptions?.answerQuestions(about: channel) }
        case .read: subscriptions?.read(channel)
        case .drop, .wait: break
        }
    }

    static func position(of reading: Envelope.Reading) -> Position? {
        guard case .sequenced(let envelope) = reading else { return nil }
        return Position(epoch: envelope.epoch, sequence: envelope.sequence)
    }

    // MARK: Delivery

    /// Answers whether it says something of how the task stands.
    private func deliver(
        _ reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer, on channel: Channel
    ) -> Bool {
        let position = Self.position(of: reading)
        defer { if let position { keep(payload, at: position, on: channel) } }
        guard let event = event(in: reading, payload, channel) else { return false }
        if position == nil, channel.knowledge.hasEnded, !event.isRestart, event.concernsState {
            tally.counters.eventsAfterEnd += 1  // a plain PUBLISH after the end is dropped
            return false
        }
        let time = Self.time(of: reading) ?? WallClock.now
        channel.knowledge.note(event, at: time, isFirst: position?.sequence == 1)
        // Until something is read, or the task begins anew: Redis knows nothing of what came without a place.
        channel.isAltered = channel.isAltered && !event.isRestart || position == nil && event.concernsState
        take(knowledgeIn: reading, into: &channel.knowledge)
        if let position { learnOwner(from: event, at: position, on: channel) }
        var delivery = Delivery(
            channel: channel.name, event: event, knowledge: channel.knowledge, position: position, timestamp: time)
        if event.isStateBearing { channel.state = delivery } else if event.isRestart { channel.state = nil }
        delivery.epochMark = mark(position, on: channel)
        if position != nil { delivery.missed = channel.sync.takeMissed() }
        if delivery.epochMark == .changed { delivery.owner = channel.owner }
        fanOut(delivery, on: channel)
        if event.needsAcknowledgement { expectAcknowledgements(of: delivery, on: channel) }
        return event.concernsState
    }

    /// The first event that names an owner sets it; the first of all after the data was lost begins anew.
    private func learnOwner(from event: Event, at position: Position, on channel: Channel) {
        let isFirst = position.sequence == 1 && position.epoch != channel.toldEpoch
        guard isFirst || channel.owner == nil && event.owner != nil else { return }
        subscriptions?.setOwner(event.owner?.text, of: channel)
    }

    /// What an event at `position` must say of its epoch.
    private func mark(_ position: Position?, on channel: Channel) -> Delivery.EpochMark {
        guard let epoch = position?.epoch, epoch != channel.toldEpoch else { return .none }
        defer { channel.toldEpoch = epoch }
        return channel.toldEpoch == nil ? .first : .changed
    }

    /// Clients whose dialect acknowledges are sent the message again until they have said that they have it.
    private func expectAcknowledgements(of delivery: Delivery, on channel: Channel) {
        for subscriber in channel.acknowledgingSubscribers {
            subscriber.viewer?.expectAcknowledgement(of: delivery)
        }
    }

    /// Keeps a message for viewers that come back.
    private func keep(_ payload: UnsafeRawBufferPointer, at position: Position, on channel: Channel) {
        let share = channel.recent ?? recent.share()
        channel.recent = share
        share.note(position, payload, channel.knowledge)
    }

    /// Gives `delivery` to every member of `channel`.
    func fanOut(_ delivery: Delivery, on channel: Channel) {
        let stamp = stamp()
        if delivery.position != nil, !delivery.isSnapshot {
            // Redis' clock may be ahead of ours.
            tally.counters.deliveryMilliseconds.record(UInt64(max(0, stamp.now - delivery.timestamp)))
        }
        var frames = EventFrames(.delivery(delivery), stamp: stamp, deflater: deflater)
        // What begins an epoch, or says what is missing, must not be replaced by what is only a number.
        let conflatable =
            delivery.event.isConflatable && !delivery.isSnapshot && delivery.epochMark != .changed
            && delivery.missed == 0
        hub.fanOut(on: channel, conflatable: conflatable) { frames.frames(in: $0) }
    }

    /// A message's frames, encoded when they are asked for.
    func frames(of message: ServerMessage) -> EventFrames {
        EventFrames(message, stamp: stamp(), deflater: deflater)
    }

    /// When and as what a message is written now.
    func stamp() -> MessageStamp {
        serial += 1
        return MessageStamp(now: WallClock.now, origin: origin, serial: serial)
    }

    /// Several messages as `dialect` puts them together.
    func batchFrames(of texts: [SharedBytes], in dialect: DialectName, _ shape: Shape) -> [SharedBytes] {
        dialect.dialect.batch(texts.map(\.array), now: WallClock.now).map { frame(of: $0, in: shape) }
    }

    /// One message as a frame.
    func frame(of text: [UInt8], in shape: Shape) -> SharedBytes {
        shape.wrapping.frame(of: text, deflater)
    }

    private static func time(of reading: Envelope.Reading) -> Int64? {
        guard case .sequenced(let envelope) = reading else { return nil }
        return envelope.milliseconds
    }

    /// The event in a payload; nil, counted and logged, where there is none.
    private func event(
        in reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer, _ channel: Channel
    ) -> Event? {
        var body = payload
        if case .sequenced(let envelope) = reading {
            body = UnsafeRawBufferPointer(rebasing: payload[envelope.bodyOffset...])
        }
        return event(body, on: channel)
    }

    /// The event that `body` is.
    func event(_ body: UnsafeRawBufferPointer, on channel: Channel) -> Event? {
        do {
            return try Event(parser.object(body), parser: parser, isOfTask: channel.name.kind == .task)
        } catch let error as JSONError {
            reject(error.message, on: channel)
        } catch let error as EventError {
            reject(error.message, on: channel)
        } catch {
            reject("\(error)", on: channel)
        }
        return nil
    }

    /// A state that is told to the channel's members because something is missing before it.
    /// `sequence`: where it stands in the epoch.
    func tellSnapshot(on channel: Channel, at sequence: UInt64?) {
        guard var snapshot = Self.snapshot(of: channel) else { return }
        if let sequence { snapshot.position?.sequence = sequence }
        if let epoch = snapshot.position?.epoch { channel.toldEpoch = epoch }
        if snapshot.position != nil { snapshot.missed = channel.sync.takeMissed() }
        fanOut(snapshot, on: channel)
    }

    /// Nothing is known of a channel any more: what was published is lost.
    func reset(_ channel: Channel) {
        channel.knowledge = TaskKnowledge()
        channel.isAltered = false
        channel.state = nil
        channel.recent = nil
    }

    private func reject(_ reason: String, on channel: Channel) {
        tally.counters.eventsInvalid += 1
        log.debug("dropped what is not an event", ["channel": .text(channel.redisName), "reason": .text(reason)])
    }

    // MARK: States

    /// What a channel knows after a read: replaces what it knew before.
    func restore(_ answer: ChannelAnswer, on channel: Channel) {
        channel.isAltered = false
        learn(answer, on: channel)
        guard let text = answer.state, let event = text.withUnsafeBytes({ event($0, on: channel) }) else {
            channel.state = nil
            return
        }
        channel.state = Delivery(
            channel: channel.name, event: event, knowledge: channel.knowledge, position: answer.top,
            timestamp: answer.stateMilliseconds)
    }

    /// What is known of a channel by now, as Redis has it: a history says less of each of its events.
    func learn(_ answer: ChannelAnswer, on channel: Channel) {
        channel.knowledge = TaskKnowledge(
            answer.known, hasEnded: answer.hasEnded && channel.name.kind == .task, parser: parser)
    }

    /// A task's stored state, for one who has asked; nil where there is none.
    func state(in answer: ChannelAnswer, of name: ChannelName) -> Delivery? {
        Self.snapshot(of: channel(in: answer, of: name))
    }

    /// The whole of what is stored of a task, in the one shape that it has.
    func taskState(in answer: ChannelAnswer, of name: ChannelName) -> TaskState {
        let channel = channel(in: answer, of: name)
        return TaskState(
            channel: name, knowledge: channel.knowledge, event: channel.state?.event,
            eventTime: channel.state?.timestamp, position: answer.top, owner: answer.owner)
    }

    private func channel(in answer: ChannelAnswer, of name: ChannelName) -> Channel {
        let channel = Hub().openChannel(name, redisName: name.text).channel
        restore(answer, on: channel)
        channel.owner = answer.owner
        return channel
    }

    /// A channel's state as it is told to one who comes now: with all that is known and where the channel stands.
    static func snapshot(of channel: Channel) -> Delivery? {
        guard var delivery = channel.state else { return nil }
        delivery.knowledge = channel.knowledge
        delivery.position = channel.sync.position ?? delivery.position
        delivery.isSnapshot = true
        delivery.isAltered = channel.isAltered
        delivery.owner = channel.owner
        return delivery
    }
}

extension Event {
    /// Whether the event says something of how the task stands: what is refused after its end.
    var concernsState: Bool {
        if case .other = kind { false } else { true }
    }
}
