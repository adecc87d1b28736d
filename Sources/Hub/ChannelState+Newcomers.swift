public import Dialects
public import Events

/// How a viewer comes into a channel: with what it missed, or with the state, then live.
extension ChannelState {
    /// What is to be done with a viewer that wants to come in.
    public enum Entrance {
        /// It waits until the channel is live.
        case wait
        /// It waits until its connection has taken what it was sent before, and then asks ``comeIn(_:)``.
        case pace
        /// It is told that it follows the channel, then the state. `recovered` is nil for one that names no place, and false
        /// for one whose place is none of the channel's.
        case enter(recovered: Bool?)
        /// It is told what of these messages comes after its place (``replay(_:upTo:to:at:using:)``).
        case replay([RecentEvents.Message], upTo: Position)
        /// What came after the place is read for it, and ``didReadHistory(_:after:)`` asked.
        case readHistory(after: Position)
        /// Redis could not be asked: the same again in a while.
        case readHistoryLater(after: Position)
        /// It waits until the loop has looked where the channel stands (``askAgain()``).
        case askAgain
        /// Redis does not let this node follow the channel.
        case refuse
    }

    /// A viewer wants to come in. `isBehind` says that its connection has enough to take for now.
    public func admit(_ newcomer: Newcomer, isBehind: Bool) -> Entrance {
        guard !isRefused else { return .refuse }
        guard sync.isLive else { return .wait }
        guard name.isPersonal || !isBehind else { return .pace }
        return comeIn(newcomer)
    }

    /// The viewer's turn has come. One that comes back gets what it missed, any other the state.
    public func comeIn(_ newcomer: Newcomer) -> Entrance {
        guard sync.isLive else { return .wait }
        guard newcomer.since != nil, !newcomer.isQuiet else { return .enter(recovered: nil) }
        guard let now = sync.position else { return .enter(recovered: false) }
        let since = newcomer.placed(at: now).since ?? now
        // The loop may not have heard of the viewer's epoch yet. Redis has.
        if newcomer.isAhead(of: now) { return .readHistory(after: since) }
        if since == now { return .replay([], upTo: now) }
        if let messages = recent?.after(since) { return .replay(Array(messages), upTo: now) }
        return .readHistory(after: since)
    }

    /// The history after `since` was read for a viewer; nil where Redis could not be asked: nothing is said to be gone before
    /// it was. The channel has moved on meanwhile.
    public func didReadHistory(
        _ answer: ChannelAnswer?, after since: Position, using resources: ChannelResources
    ) -> Entrance {
        guard sync.isLive, let now = sync.position else { return .wait }
        guard let answer else { return .readHistoryLater(after: since) }
        // The loop counts by another epoch, or has heard less than the viewer has seen, on another node: that would come a
        // second time.
        guard let top = answer.top, top.epoch == now.epoch else { return .askAgain }
        guard since.sequence <= max(now.sequence, top.sequence) else { return .enter(recovered: false) }
        let reach = Position(epoch: now.epoch, sequence: min(now.sequence, top.sequence))
        guard since.sequence <= reach.sequence else { return .askAgain }
        return .replay(recall(answer.entries, using: resources), upTo: reach)
    }

    /// The loop looks where the channel stands.
    public mutating func askAgain() -> ChannelEffects { ChannelEffects(look()) }

    /// Entries of a history, with what was known at the time.
    private func recall(_ entries: [[UInt8]], using resources: ChannelResources) -> [RecentEvents.Message] {
        entries.map { entry in
            var known = knowledge
            resources.reader.take(knowledgeIn: entry.withUnsafeBytes { Envelope.read($0) }, into: &known)
            return RecentEvents.Message(payload: entry, knowledge: known)
        }
    }

    // MARK: What a viewer missed

    /// What a viewer is told of what it missed.
    public struct Replay {
        /// Whether nothing was missed; nil for a viewer that was told before that it follows the channel.
        public internal(set) var recovered: Bool?
        /// The events, in order.
        public internal(set) var deliveries: [Delivery] = []
        /// Why messages among them are no events.
        public internal(set) var rejected: [String] = []
        /// What follows.
        public internal(set) var next = Next.pace

        /// What follows a replay.
        public enum Next: Equatable, Sendable {
            /// All is told: ``lastWords(for:)``, then the live stream.
            case finish
            /// More is to be told, in its turn.
            case pace
            /// Redis knows less than the loop.
            case askAgain
        }
    }

    /// Tells a viewer what comes after its place, and what of that is gone: as much as one can take at a time. `messages` is
    /// what is kept up to `reach`, as far as it was read.
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

    /// Tells the steps of a portion, or as many as one can take at a time. Answers whether that were all.
    private func tell(
        _ portion: HistoryPortion, of messages: [RecentEvents.Message], to newcomer: inout Newcomer,
        _ replay: inout Replay, at now: Int64, using resources: ChannelResources
    ) -> Bool {
        // What a dialect puts around an event: its names and numbers, and the channel's id, escaped.
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

    /// What a viewer is told before the live stream: the state, where it has not been told or something before it is gone, or
    /// how much is.
    public func lastWords(for newcomer: Newcomer, withState: Bool = false) -> ServerMessage? {
        if withState || newcomer.owed.state, var snapshot {
            snapshot.missed = newcomer.owed.missed
            return .delivery(snapshot)
        }
        guard newcomer.owed.missed > 0, let position = sync.position else { return nil }
        return .missed(name, count: newcomer.owed.missed, position: position)
    }
}
