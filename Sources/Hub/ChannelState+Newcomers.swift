public import Dialects
public import Events

/// Admits a viewer to a channel: first what it missed or the state, then live events.
extension ChannelState {
    /// What to do with a viewer that wants to be admitted.
    public enum Entrance {
        /// The viewer waits until the channel is live.
        case wait
        /// The viewer waits until its connection has taken what was sent before, and then asks ``comeIn(_:)``.
        case pace
        /// The viewer is told that it follows the channel, then the state. `recovered` is nil where the viewer names no
        /// position, and false where its position is none of the channel's.
        case enter(recovered: Bool?)
        /// The viewer is sent those of these messages after its position (``replay(_:upTo:to:at:using:)``).
        case replay([RecentEvents.Message], upTo: Position)
        /// The loop reads what follows the position, and asks ``didReadHistory(_:after:)``.
        case readHistory(after: Position)
        /// The loop could not ask Redis: it tries again later.
        case readHistoryLater(after: Position)
        /// The viewer waits until the loop has read the channel's position (``askAgain()``).
        case askAgain
        /// Redis does not let this node follow the channel.
        case refuse
    }

    /// A viewer wants to be admitted. `isBehind`: its connection must first take what was sent before.
    public func admit(_ newcomer: Newcomer, isBehind: Bool) -> Entrance {
        guard !isRefused else { return .refuse }
        guard sync.isLive else { return .wait }
        guard name.isPersonal || !isBehind else { return .pace }
        return comeIn(newcomer)
    }

    /// The viewer's turn has come. A viewer that comes back gets what it missed, any other the state.
    public func comeIn(_ newcomer: Newcomer) -> Entrance {
        guard sync.isLive else { return .wait }
        guard newcomer.since != nil, !newcomer.isQuiet else { return .enter(recovered: nil) }
        guard let now = sync.position else { return .enter(recovered: false) }
        let since = newcomer.placed(at: now).since ?? now
        // The loop may not know the viewer's epoch yet. Redis does.
        if newcomer.isAhead(of: now) { return .readHistory(after: since) }
        if since == now { return .replay([], upTo: now) }
        if let messages = recent?.after(since) { return .replay(Array(messages), upTo: now) }
        return .readHistory(after: since)
    }

    /// The loop read the history after `since` for a viewer; nil where it could not ask Redis: only Redis can say what
    /// is lost. The channel has gone on meanwhile.
    public func didReadHistory(
        _ answer: ChannelAnswer?, after since: Position, using resources: ChannelResources
    ) -> Entrance {
        guard sync.isLive, let now = sync.position else { return .wait }
        guard let answer else { return .readHistoryLater(after: since) }
        // The loop counts by another epoch, or it has heard less than the viewer has seen on another node: live events
        // would repeat what the history holds.
        guard let top = answer.top, top.epoch == now.epoch else { return .askAgain }
        guard since.sequence <= max(now.sequence, top.sequence) else { return .enter(recovered: false) }
        let reach = Position(epoch: now.epoch, sequence: min(now.sequence, top.sequence))
        guard since.sequence <= reach.sequence else { return .askAgain }
        return .replay(recall(answer.entries, using: resources), upTo: reach)
    }

    /// The loop reads the channel's position.
    public mutating func askAgain() -> ChannelEffects { ChannelEffects(look()) }

    /// The entries of a history, with what was known at the time.
    private func recall(_ entries: [[UInt8]], using resources: ChannelResources) -> [RecentEvents.Message] {
        entries.map { entry in
            var known = knowledge
            resources.reader.take(knowledgeIn: entry.withUnsafeBytes { Envelope.read($0) }, into: &known)
            return RecentEvents.Message(payload: entry, knowledge: known)
        }
    }

    // MARK: What a viewer missed

    /// A portion of what a viewer missed.
    public struct Replay {
        /// Whether the viewer missed nothing; nil where it was told before that it follows the channel.
        public internal(set) var recovered: Bool?
        /// The events, in order.
        public internal(set) var deliveries: [Delivery] = []
        /// Why some messages are no events.
        public internal(set) var rejected: [String] = []
        /// What follows.
        public internal(set) var next = Next.pace

        /// What the loop does after a replay.
        public enum Next: Equatable, Sendable {
            /// The viewer has everything: it gets ``lastWords(for:)``, then live events.
            case finish
            /// The viewer gets more, in its turn.
            case pace
            /// Redis knows less than the loop.
            case askAgain
        }
    }

    /// Sends a viewer the events after its position and what of them is lost, as much as a connection takes at a time.
    /// `messages` are the events kept up to `reach`, as far as they were read.
    public func replay(
        _ messages: [RecentEvents.Message], upTo reach: Position, to newcomer: inout Newcomer, at now: Int64,
        using resources: ChannelResources
    ) -> Replay {
        var replay = Replay()
        newcomer = newcomer.placed(at: reach)
        guard let since = newcomer.since else { return replay }
        let portion = HistoryPortion(
            after: since.sequence, upTo: reach.sequence,
            numbers: messages.map { message in
                let place = message.payload.withUnsafeBytes { Envelope.read($0).position }
                return place?.epoch == reach.epoch ? place?.sequence ?? 0 : 0
            })
        newcomer.owed.state = newcomer.owed.state || portion.hasGap
        if !newcomer.isReturning { replay.recovered = !newcomer.owed.state }
        newcomer.isReturning = true
        guard tell(portion, of: messages, to: &newcomer, &replay, at: now, using: resources) else { return replay }
        newcomer.owed.add(portion.missedAtEnd)
        newcomer.since?.sequence = portion.end
        if newcomer.since == sync.position {
            replay.next = .finish
        } else if newcomer.since == since {
            replay.next = .askAgain
        }
        return replay
    }

    /// Sends the steps of a portion, or as many as a connection takes at a time. Returns whether those were all.
    private func tell(
        _ portion: HistoryPortion, of messages: [RecentEvents.Message], to newcomer: inout Newcomer,
        _ replay: inout Replay, at now: Int64, using resources: ChannelResources
    ) -> Bool {
        // The bytes that a dialect adds to an event: its names and numbers, and the channel's id, escaped.
        let around = EventLimits.bytesAroundEvent + 2 * name.text.utf8.count
        var bytes = 0
        for step in portion.steps {
            let message = messages[step.index]
            bytes += message.payload.count + around
            let isFirst = bytes == message.payload.count + around
            guard isFirst || bytes <= 2 * resources.limits.replayBytes else { return false }
            newcomer.owed.add(step.missed)
            newcomer.since?.sequence += step.missed + 1
            tell(message, to: &newcomer, &replay, at: now, using: resources)
        }
        return true
    }

    private func tell(
        _ message: RecentEvents.Message, to newcomer: inout Newcomer, _ replay: inout Replay, at now: Int64,
        using resources: ChannelResources
    ) {
        message.payload.withUnsafeBytes { payload in
            let reading = Envelope.read(payload)
            do throws(EventReader.NotAnEvent) {
                let event = try resources.reader.event(behind: reading, in: payload, on: name)
                var delivery = Delivery(
                    channel: name, event: event, knowledge: message.knowledge, position: reading.position,
                    timestamp: reading.milliseconds ?? now)
                delivery.owner = owner
                newcomer.mark(&delivery)
                replay.deliveries.append(delivery)
            } catch {
                replay.rejected.append(error.reason)
            }
        }
    }

    /// What a viewer gets before live events: the state, where it has not had it or events before it are lost, or else
    /// the number of lost events.
    public func lastWords(for newcomer: Newcomer, withState: Bool = false) -> ServerMessage? {
        if withState || newcomer.owed.state, var snapshot {
            snapshot.missed = newcomer.owed.missed
            return .delivery(snapshot)
        }
        guard newcomer.owed.missed > 0, let position = sync.position else { return nil }
        return .missed(name, count: newcomer.owed.missed, position: position)
    }
}
