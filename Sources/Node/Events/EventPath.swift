import Bytes
import Dialects
import Hub
import JSON
import RedisClient
import Tasks
import WebSocket

/// From a message of Redis to every member's outbox.
///
/// One event is looked at once: envelope, JSON, kind; then encoded once a shape and shared by all members.
final class EventPath {
    private unowned let core: LoopCore
    private let parser: JSONParser
    private let deflater = Deflater()
    let origin = Incarnation.make()
    private var serial: UInt64 = 0
    private var recentBytes = 0

    init(core: LoopCore) {
        self.core = core
        parser = JSONParser(maxBytes: core.limits.eventBytes, maxDepth: core.limits.jsonDepth)
    }

    // MARK: In order

    /// A message has come from Redis.
    func receive(_ payload: UnsafeRawBufferPointer, on channel: Channel) {
        core.counters.eventsIn += 1
        let reading = Envelope.read(payload)
        if case .forged = reading {
            core.counters.eventsForged += 1
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

    /// What a viewer had missed, read from the history. All of it is new to the channel's members.
    func replay(_ entries: [[UInt8]], on channel: Channel) {
        for entry in entries {
            entry.withUnsafeBytes { deliver(Envelope.read($0), $0, on: channel) }
        }
    }

    /// Entries of a history, with what was known at the time.
    func recall(_ entries: [[UInt8]], on channel: Channel) -> [RecentEvents.Message] {
        entries.map { entry in
            let reading = entry.withUnsafeBytes { Envelope.read($0) }
            return RecentEvents.Message(payload: entry, knowledge: knowledge(in: reading) ?? channel.knowledge)
        }
    }

    /// Events as they are told to one who missed them: as they were told to those who were there.
    func deliveries(_ missed: [RecentEvents.Message], on channel: Channel) -> [Delivery] {
        missed.compactMap { message in
            message.payload.withUnsafeBytes { payload in
                let reading = Envelope.read(payload)
                return event(in: reading, payload, channel).map { event in
                    Delivery(
                        channel: channel.name, event: event, knowledge: message.knowledge,
                        position: Self.position(of: reading), timestamp: Self.time(of: reading) ?? WallClock.now)
                }
            }
        }
    }

    /// What was known of a task with an event of its history; nil where the history does not say.
    private func knowledge(in reading: Envelope.Reading) -> TaskKnowledge? {
        guard case .sequenced(let envelope) = reading, let known = envelope.knowledge else { return nil }
        let stage = known.currentStage.flatMap { (try? parser.value($0))?.string }
        return TaskKnowledge(
            status: known.status, progress: known.progress, currentStage: stage.map { Array($0.utf8) },
            completedStagesJSON: known.completedStages, hasEnded: false, parser: parser)
    }

    private func act(
        _ verdict: ChannelSync.Verdict, _ reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer,
        _ channel: Channel
    ) {
        switch verdict {
        case .deliver: deliver(reading, payload, on: channel)
        case .read: core.subscriptions.read(channel)
        case .drop, .wait: break
        }
    }

    static func position(of reading: Envelope.Reading) -> Position? {
        guard case .sequenced(let envelope) = reading else { return nil }
        return Position(epoch: envelope.epoch, sequence: envelope.sequence)
    }

    // MARK: Delivery

    private func deliver(_ reading: Envelope.Reading, _ payload: UnsafeRawBufferPointer, on channel: Channel) {
        let position = Self.position(of: reading)
        defer { if let position { keep(payload, at: position, on: channel) } }
        guard let event = event(in: reading, payload, channel) else { return }
        if position == nil, channel.knowledge.hasEnded, !event.isRestart, event.concernsState {
            core.counters.eventsAfterEnd += 1  // a plain PUBLISH after the end is dropped
            return
        }
        channel.knowledge.note(event)
        // Until something is read, or the task begins anew: Redis knows nothing of what came without a place.
        channel.isAltered = channel.isAltered && !event.isRestart || position == nil && event.concernsState
        if var known = knowledge(in: reading) {
            known.hasEnded = channel.knowledge.hasEnded
            channel.knowledge = known
        }
        if let position { learnOwner(from: event, at: position, on: channel) }
        var delivery = Delivery(
            channel: channel.name, event: event, knowledge: channel.knowledge, position: position,
            timestamp: Self.time(of: reading) ?? WallClock.now)
        if event.isStateBearing { channel.state = delivery } else if event.isRestart { channel.state = nil }
        delivery.epochMark = mark(position, on: channel)
        fanOut(delivery, on: channel)
        if event.needsAcknowledgement { expectAcknowledgements(of: delivery, on: channel) }
    }

    /// The first event that names an owner sets it; the first of all after the data was lost begins anew.
    private func learnOwner(from event: Event, at position: Position, on channel: Channel) {
        let isFirst = position.sequence == 1 && position.epoch != channel.toldEpoch
        guard isFirst || channel.owner == nil && event.owner != nil else { return }
        core.subscriptions.setOwner(event.owner?.text, of: channel)
    }

    /// What an event at `position` must say of its epoch.
    private func mark(_ position: Position?, on channel: Channel) -> Delivery.EpochMark {
        guard let epoch = position?.epoch, epoch != channel.toldEpoch else { return .none }
        defer { channel.toldEpoch = epoch }
        return channel.toldEpoch == nil ? .first : .changed
    }

    /// Clients of `topics` are sent the message again until they have said that they have it.
    private func expectAcknowledgements(of delivery: Delivery, on channel: Channel) {
        for subscriber in channel.subscribers(speaking: .topics) {
            subscriber.session?.expectAcknowledgement(of: delivery)
        }
    }

    /// Keeps a message for viewers that come back, as long as all channels together keep within the loop's bound.
    private func keep(_ payload: UnsafeRawBufferPointer, at position: Position, on channel: Channel) {
        let before = channel.recent.bytes
        channel.recent.note(position, payload, channel.knowledge)
        recentBytes += channel.recent.bytes - before
        if recentBytes > core.limits.recentBytes { forget(channel) }
    }

    /// Lets go of what is kept of a channel.
    func forget(_ channel: Channel) {
        recentBytes -= channel.recent.bytes
        channel.recent = RecentEvents()
    }

    /// Gives `delivery` to every member of `channel`.
    func fanOut(_ delivery: Delivery, on channel: Channel) {
        let stamp = stamp()
        if delivery.position != nil, !delivery.isSnapshot {
            // Redis' clock may be ahead of ours.
            core.counters.deliveryMilliseconds.record(UInt64(max(0, stamp.now - delivery.timestamp)))
        }
        var frames = EventFrames(.delivery(delivery), stamp: stamp, deflater: deflater)
        // What begins an epoch must not be replaced by what is only a number in it.
        let conflatable = delivery.event.isConflatable && !delivery.isSnapshot && delivery.epochMark != .changed
        core.hub.fanOut(on: channel, conflatable: conflatable) { frames.frames(in: $0) }
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

    /// Several messages as one frame.
    func batchFrame(of texts: [SharedBytes], in shape: Shape) -> SharedBytes {
        frame(of: TasksDialect.batch(texts.map(\.array), now: WallClock.now), in: shape)
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
        fanOut(snapshot, on: channel)
    }

    /// Nothing is known of a channel any more: what was published is lost.
    func reset(_ channel: Channel) {
        channel.knowledge = TaskKnowledge()
        channel.isAltered = false
        channel.state = nil
        forget(channel)
    }

    private func reject(_ reason: String, on channel: Channel) {
        core.counters.eventsInvalid += 1
        core.log.debug("dropped what is not an event", ["channel": .text(channel.redisName), "reason": .text(reason)])
    }

    // MARK: States

    /// What a channel knows after a read: replaces what it knew before.
    func restore(_ answer: ChannelAnswer, on channel: Channel) {
        channel.isAltered = false
        channel.knowledge = TaskKnowledge(
            status: answer.status, progress: answer.progress, currentStage: answer.currentStage,
            completedStagesJSON: answer.completedStages,
            hasEnded: answer.hasEnded && channel.name.kind == .task, parser: parser)
        guard let text = answer.state, let event = text.withUnsafeBytes({ event($0, on: channel) }) else {
            channel.state = nil
            return
        }
        channel.state = Delivery(
            channel: channel.name, event: event, knowledge: channel.knowledge, position: answer.top,
            timestamp: answer.stateMilliseconds)
    }

    /// A task's stored state, for one who has asked; nil where there is none.
    func state(in answer: ChannelAnswer, of name: ChannelName) -> Delivery? {
        let channel = Hub().openChannel(name, redisName: name.text).channel
        restore(answer, on: channel)
        guard var delivery = channel.state else { return nil }
        delivery.knowledge = channel.knowledge
        return delivery
    }

    /// A channel's state as it is told to one who comes now: with all that is known and where the channel stands.
    static func snapshot(of channel: Channel) -> Delivery? {
        guard var delivery = channel.state else { return nil }
        delivery.knowledge = channel.knowledge
        delivery.position = channel.sync.position ?? delivery.position
        delivery.isSnapshot = true
        delivery.isAltered = channel.isAltered
        return delivery
    }
}

extension Event {
    /// Whether the event says something of how the task stands: what is refused after its end.
    var concernsState: Bool {
        if case .other = kind { false } else { true }
    }
}
