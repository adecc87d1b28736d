import Events
import Dialects
import EventLoop
import Hub
import RESP
import Redis
import Store

/// How a viewer comes into a channel: with what it missed, or with the state, then live.
extension Subscriptions {
    /// Lets a viewer into a live channel, in its turn.
    func admit(_ joiner: Joiner, to channel: Channel) {
        guard channel.name.isPersonal || !joiner.viewer.isBehind else { return pace(joiner, channel) }
        letIn(joiner, to: channel)
    }

    /// Lets a viewer into a live channel: one that comes back gets what it missed, any other the state.
    private func letIn(_ joiner: Joiner, to channel: Channel) {
        guard joiner.since != nil, !joiner.isQuiet else { return enter(joiner, channel, recovered: nil) }
        guard let now = channel.sync.position else { return enter(joiner, channel, recovered: false) }
        var joiner = joiner
        let since = joiner.place(at: now)
        if since == now {
            tell([], upTo: now, to: joiner, channel)
        } else if let messages = channel.recent?.after(since) {
            tell(Array(messages), upTo: now, to: joiner, channel)
        } else {
            joiner.viewer.replay(isUnderWay: true)
            readHistory(for: joiner, channel, since)
        }
    }

    @discardableResult
    func wait(_ joiner: Joiner, for channel: Channel, _ what: Joiner.Cause = .channel) -> UInt64 {
        var joiner = joiner
        joiner.waitsFor = what
        return waiting.add(joiner, of: ObjectIdentifier(joiner.viewer.subscriber), for: channel)
    }

    /// Lets a viewer in once its connection has taken what it was sent before.
    private func pace(_ joiner: Joiner, _ channel: Channel) {
        let ticket = wait(joiner, for: channel, .connection)
        let isTaken = joiner.viewer.whenCaughtUp { [weak self, weak channel] in
            guard let self, let channel, waiting.remove(ticket) else { return }
            // Its turn has come, whoever else waits behind it: to ask again would be to wait behind them.
            if channel.sync.isLive { letIn(joiner, to: channel) } else { wait(joiner, for: channel) }
        }
        guard !isTaken, waiting.remove(ticket) else { return }
        closeIfUnwatched(channel)
        let fault = Fault(.rateLimited, "too much is asked for at once", subject: channel.name)
        joiner.viewer.say(.fault(fault, request: joiner.request))
    }

    /// Reads the next portion of what the viewer missed. The channel moves on meanwhile: what it has not heard itself yet comes
    /// live, and what it has heard since is told from its memory, or read next.
    private func readHistory(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = wait(joiner, for: channel, .history)
        store.read(channel.name, since: since, bytes: limits.replayBytes) { [weak self, weak channel] result in
            // It may have left meanwhile, or the connection to Redis was lost: then it waits like any other.
            guard let self, let channel, waiting.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            guard channel.sync.isLive, let now = channel.sync.position else {
                wait(joiner, for: channel)
                return joiner.viewer.replay(isUnderWay: false)
            }
            guard case .success(let answer) = result else { return readHistoryLater(for: joiner, channel, since) }
            defer { joiner.viewer.replay(isUnderWay: false) }
            // The loop counts by another epoch, or has heard less than the viewer has seen, on another node: that would come a
            // second time.
            guard let top = answer.top, top.epoch == now.epoch else { return askAgain(joiner, channel) }
            guard since.sequence <= max(now.sequence, top.sequence) else {
                return enter(joiner, channel, recovered: false)
            }
            guard since.sequence <= min(now.sequence, top.sequence) else { return askAgain(joiner, channel) }
            let reach = Position(epoch: now.epoch, sequence: min(now.sequence, top.sequence))
            tell(events.recall(answer.entries, on: channel), upTo: reach, to: joiner, channel)
        }
    }

    /// Redis could not be asked. Nothing is said to be gone before it was.
    private func readHistoryLater(for joiner: Joiner, _ channel: Channel, _ since: Position) {
        let ticket = wait(joiner, for: channel, .history)
        loop.schedule(after: limits.repairMilliseconds) { [weak self, weak channel] in
            guard let self, let channel, waiting.remove(ticket) else {
                return joiner.viewer.replay(isUnderWay: false)
            }
            readHistory(for: joiner, channel, since)
        }
    }

    /// Lets a viewer in once the loop has looked where the channel stands.
    private func askAgain(_ joiner: Joiner, _ channel: Channel) {
        wait(joiner, for: channel)
        channel.sync.willCheck()
        read(channel)
    }

    /// Whether the viewer may be told of the channel; one that may not is told that.
    private func mayShow(_ channel: Channel, to viewer: any Viewer, _ joiner: Joiner) -> Bool {
        guard !channel.name.isPersonal, !viewer.mayWatch(channel.name, owner: channel.owner) else { return true }
        closeIfUnwatched(channel)
        viewer.refuseToShow(channel.name, request: joiner.request)
        return false
    }

    /// Says where the viewer stands, then the state, and lets the live stream through. `recovered` is nil for one that names no
    /// place, and false for one whose place is none of the channel's.
    private func enter(_ joiner: Joiner, _ channel: Channel, recovered: Bool?) {
        let viewer = joiner.viewer
        guard viewer.isListening, mayShow(channel, to: viewer, joiner) else { return }
        if joiner.question != nil { return ask(joiner, about: channel) }
        guard !joiner.isQuiet else { return seat(joiner, in: channel) }
        greet(joiner, viewer, channel, recovered: recovered)
        var joiner = joiner
        joiner.owed.state = true
        finish(joiner, viewer, channel)
    }

    private func greet(_ joiner: Joiner, _ viewer: any Viewer, _ channel: Channel, recovered: Bool?) {
        guard !joiner.isReturning else { return }
        viewer.say(
            .subscribed(channel.name, position: channel.sync.position, recovered: recovered, request: joiner.request))
    }

    /// Tells a viewer what comes after its place, and what of that is gone: as much as one can take at a time, the rest in its
    /// turn. `messages` is what is kept up to `reach`, as far as it was read.
    private func tell(
        _ messages: [RecentEvents.Message], upTo reach: Position, to joiner: Joiner, _ channel: Channel
    ) {
        let viewer = joiner.viewer
        guard viewer.isListening, let since = joiner.since, mayShow(channel, to: viewer, joiner) else { return }
        let places = EventPath.places(of: messages.map(\.payload))
        let portion = HistoryPortion(
            after: since.sequence, upTo: reach.sequence,
            numbers: places.map { $0?.epoch == reach.epoch ? $0?.sequence ?? 0 : 0 })
        var joiner = joiner
        joiner.owed.state = joiner.owed.state || portion.hasGap
        greet(joiner, viewer, channel, recovered: !joiner.owed.state)
        joiner.isReturning = true
        guard tell(portion, of: messages, to: &joiner, viewer, channel) else { return pace(joiner, channel) }
        joiner.owed.add(portion.missedAtEnd)
        joiner.since?.sequence = portion.end
        if joiner.since == channel.sync.position {
            finish(joiner, viewer, channel)
        } else if joiner.since == since {
            // Redis knows less than the loop.
            askAgain(joiner, channel)
        } else {
            pace(joiner, channel)
        }
    }

    /// Tells the steps of a portion, or as many as one can take at a time. Answers whether that were all.
    private func tell(
        _ portion: HistoryPortion, of messages: [RecentEvents.Message], to joiner: inout Joiner,
        _ viewer: any Viewer, _ channel: Channel
    ) -> Bool {
        // What a dialect puts around an event: its names and numbers, and the channel's id, escaped.
        let around = EventLimits.bytesAroundEvent + 2 * channel.name.text.utf8.count
        var bytes = 0
        for step in portion.steps {
            let message = messages[step.index]
            bytes += message.payload.count + around
            guard bytes <= 2 * limits.replayBytes || bytes == message.payload.count + around else { return false }
            joiner.owed.add(step.missed)
            joiner.since?.sequence += step.missed + 1
            if let delivery = events.delivery(of: message, on: channel) { say(delivery, to: &joiner, viewer) }
        }
        return true
    }

    private func say(_ delivery: Delivery, to joiner: inout Joiner, _ viewer: any Viewer) {
        var delivery = delivery
        if let told = joiner.toldEpoch, let epoch = delivery.position?.epoch, epoch != told {
            delivery.epochMark = .changed
        }
        joiner.toldEpoch = delivery.position?.epoch
        delivery.missed = joiner.owed.missed
        joiner.owed.missed = 0
        viewer.say(.delivery(delivery))
        if delivery.event.needsAcknowledgement { viewer.expectAcknowledgement(of: delivery) }
    }

    /// All that can be told is told: the state, where something before it is gone, then the live stream.
    private func finish(_ joiner: Joiner, _ viewer: any Viewer, _ channel: Channel) {
        if joiner.owed.state, var snapshot = EventPath.snapshot(of: channel) {
            snapshot.missed = joiner.owed.missed
            viewer.say(.delivery(snapshot))
        } else if joiner.owed.missed > 0, let position = channel.sync.position {
            viewer.say(.missed(channel.name, count: joiner.owed.missed, position: position))
        }
        seat(joiner, in: channel)
    }

    func seat(_ joiner: Joiner, in channel: Channel, isEntering: Bool = true) {
        // What those have missed who were there before is nothing that this one has.
        events.tellMissed(on: channel)
        hub.join(joiner.viewer.subscriber, channel, taking: joiner.interest)
        viewersDidChange(channel.name)
        if isEntering { joiner.didEnter?() }
    }
}

extension Joiner {
    /// The place from which it is told on, of a channel that stands at `now`. Of another epoch, that is the beginning of this one,
    /// and what was before it goes with the state.
    fileprivate mutating func place(at now: Position) -> Position {
        var place = since ?? now
        if place.epoch == ReadScript.anyEpoch {
            place.epoch = now.epoch
        } else if place.epoch != now.epoch {
            toldEpoch = toldEpoch ?? place.epoch
            owed = ChannelSync.Owed()
            owed.state = true
            place = Position(epoch: now.epoch, sequence: 0)
        }
        since = place
        return place
    }
}

/// Members that a read concerns.
extension Subscriptions {
    /// What a read has found may be much, and the same connection may be a member of many channels that are read at once:
    /// one that has enough to take goes on from where it stands, `known` or the beginning of an `epoch`, in its turn, like one
    /// that comes back, and is owed what the members are.
    func setAside(_ channel: Channel, from known: Position?, in epoch: String?, _ owed: ChannelSync.Owed) {
        guard let epoch, !channel.name.isPersonal else { return }
        for subscriber in channel.viewers {
            guard let viewer = subscriber.viewer, viewer.isBehind else { continue }
            hub.leave(subscriber, channel, noLonger: .events)
            // It may end before it comes back.
            viewersDidChange(channel.name)
            var joiner = Joiner(
                viewer: viewer, since: known ?? Position(epoch: epoch, sequence: 0), request: nil)
            joiner.isReturning = true
            joiner.toldEpoch = channel.toldEpoch ?? ""
            joiner.owed = owed
            pace(joiner, channel)
        }
    }

    /// Takes note of whose task it is. Members that may not watch a task of that owner are put out.
    func setOwner(_ owner: String?, of channel: Channel) {
        guard channel.owner != owner || channel.follow.ownerIsLost else { return }
        channel.owner = owner
        channel.follow.ownerIsLost = false
        for subscriber in channel.subscribers {
            guard let viewer = subscriber.viewer, viewer.isListening, !viewer.mayWatch(channel.name, owner: owner)
            else { continue }
            hub.leave(subscriber, channel)
            viewersDidChange(channel.name)
            viewer.refuseToShow(channel.name, request: nil)
        }
        closeIfUnwatched(channel)
    }
}
