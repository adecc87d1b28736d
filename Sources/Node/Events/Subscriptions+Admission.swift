import Dialects
import Hub
import RedisClient
import Tasks

/// How a viewer comes into a channel: with what it missed, or with the state, then live.
extension Subscriptions {
    /// Lets a viewer into a live channel, in its turn.
    func admit(_ joiner: Follow.Joiner, to channel: Channel) {
        guard channel.name.isPersonal || !joiner.connection.isBehind else { return pace(joiner, channel) }
        letIn(joiner, to: channel)
    }

    /// Lets a viewer into a live channel: one that comes back gets what it missed, any other the state.
    private func letIn(_ joiner: Follow.Joiner, to channel: Channel) {
        guard var since = joiner.since else { return enter(joiner, channel, recovered: nil) }
        if since.epoch == ReadScript.anyEpoch { since.epoch = channel.sync.position?.epoch ?? since.epoch }
        guard since != channel.sync.position else { return enter(joiner, channel, recovered: true) }
        guard since.epoch == channel.sync.position?.epoch else { return enter(joiner, channel, recovered: false) }
        if let missed = channel.recent.after(since) {
            return enter(joiner, channel, recovered: true, missed: Array(missed))
        }
        joiner.connection.replay(isUnderWay: true)
        wait(joiner, for: channel, .history)
        replay(to: joiner, channel, from: since, missed: [], readsLeft: Self.maxReplayReads)
    }

    func wait(_ joiner: Follow.Joiner, for channel: Channel, _ waiting: Follow.Waiting = .channel) {
        var joiner = joiner
        joiner.waitsFor = waiting
        channel.follow.joiners.append(joiner)
        joiner.count(1)
    }

    /// Takes a viewer out of those that wait for something; false when it is not there any more.
    private func stopWaiting(_ joiner: Follow.Joiner, _ channel: Channel, for waiting: Follow.Waiting) -> Bool {
        let follow = channel.follow
        let place = follow.joiners.firstIndex { $0.connection === joiner.connection && $0.waitsFor == waiting }
        guard let place else { return false }
        follow.joiners.remove(at: place)
        joiner.count(-1)
        return true
    }

    /// Lets a viewer in once its connection has taken what it was sent before.
    private func pace(_ joiner: Follow.Joiner, _ channel: Channel) {
        wait(joiner, for: channel, .connection)
        let isTaken = joiner.connection.whenCaughtUp { [weak self, weak channel] in
            guard let self, let channel, stopWaiting(joiner, channel, for: .connection) else { return }
            // Its turn has come, whoever else waits behind it: to ask again would be to wait behind them.
            if channel.sync.isLive { letIn(joiner, to: channel) } else { wait(joiner, for: channel) }
        }
        guard !isTaken, stopWaiting(joiner, channel, for: .connection) else { return }
        closeIfUnwatched(channel)
        let fault = Fault(.rateLimited, "too much is asked for at once", subject: channel.name)
        joiner.connection.viewer?.say(.fault(fault, request: joiner.request))
    }

    /// The channel moves on while its history is read; a viewer that is not caught up after so many reads gets the state.
    private static let maxReplayReads = 5

    /// Reads what the viewer missed, until that reaches where the channel stands, then lets it in behind it.
    private func replay(
        to joiner: Follow.Joiner, _ channel: Channel, from since: Position, missed: [RecentEvents.Message],
        readsLeft: Int
    ) {
        // What several reads bring counts together.
        let bytes = core.limits.replayBytes - missed.reduce(0) { $0 + $1.payload.count }
        read(channel.name, since: since, bytes: max(0, bytes)) { [weak self, weak channel] result in
            var isDone = true
            defer { if isDone { joiner.connection.replay(isUnderWay: false) } }
            // It may have left meanwhile, or the connection to Redis was lost: then it waits like any other.
            guard let self, let channel, stopWaiting(joiner, channel, for: .history) else { return }
            guard channel.sync.isLive else { return wait(joiner, for: channel) }
            guard case .success(let answer) = result, answer.recovered, let top = answer.top,
                let now = channel.sync.position,
                now.epoch == top.epoch, readsLeft > 1
            else { return enter(joiner, channel, recovered: false) }
            guard since.sequence <= now.sequence else {
                // It has seen more, on another node, than this loop has heard: that would come a second time.
                wait(joiner, for: channel)
                channel.sync.willCheck()
                return self.read(channel)
            }
            let entries = missed + core.events.recall(answer.entries, on: channel)
            if top.sequence < now.sequence {
                isDone = false
                wait(joiner, for: channel, .history)
                return replay(to: joiner, channel, from: top, missed: entries, readsLeft: readsLeft - 1)
            }
            // What is beyond the channel's position is on its way and comes live.
            let known = entries.prefix(max(0, entries.count - Int(top.sequence - now.sequence)))
            enter(joiner, channel, recovered: true, missed: Array(known))
        }
    }

    /// Says where the viewer stands, then what it needs to know, and lets the live stream through.
    private func enter(
        _ joiner: Follow.Joiner, _ channel: Channel, recovered: Bool?, missed: [RecentEvents.Message] = []
    ) {
        guard let viewer = joiner.connection.viewer else { return }
        guard channel.name.isPersonal || viewer.mayWatch(channel.name, owner: channel.owner) else {
            closeIfUnwatched(channel)
            return viewer.refuseToShow(channel.name, request: joiner.request)
        }
        guard !joiner.isQuiet else { return seat(joiner, in: channel) }
        if !joiner.isReturning {
            viewer.say(
                .subscribed(
                    channel.name, position: channel.sync.position, recovered: recovered, request: joiner.request))
        }
        if recovered == true {
            let part = tell(missed, to: joiner, viewer, channel)
            guard part == missed.count else { return goOn(joiner, channel, after: missed[part - 1]) }
        } else if let snapshot = EventPath.snapshot(of: channel) {
            viewer.say(.delivery(snapshot))
        }
        seat(joiner, in: channel)
    }

    private func seat(_ joiner: Follow.Joiner, in channel: Channel) {
        core.hub.join(joiner.connection.subscriber, channel, taking: joiner.interest)
        core.presence.viewers.didChange(channel.name)
        joiner.didEnter?()
    }

    /// Tells a viewer what it missed, or as much of it as one can take at a time. Answers how many that were.
    private func tell(
        _ missed: [RecentEvents.Message], to joiner: Follow.Joiner, _ viewer: any Viewer, _ channel: Channel
    ) -> Int {
        // What a dialect puts around an event: its names and numbers, and the channel's id, escaped.
        let around = Self.bytesAroundEvent + 2 * channel.name.text.utf8.count
        var bytes = 0
        let fitting = missed.firstIndex { message in
            bytes += message.payload.count + around
            return bytes > 2 * core.limits.replayBytes
        }
        let part = max(1, fitting ?? missed.count)
        var deliveries = core.events.deliveries(Array(missed.prefix(part)), on: channel)
        if joiner.isReturning, let epoch = deliveries.first?.position?.epoch, epoch != joiner.toldEpoch {
            deliveries[0].epochMark = .changed
        }
        for delivery in deliveries {
            viewer.say(.delivery(delivery))
            if delivery.event.needsAcknowledgement { viewer.expectAcknowledgement(of: delivery) }
        }
        return min(part, missed.count)
    }

    /// An estimate, on the high side of what is usual.
    private static let bytesAroundEvent = 256

    /// Tells the rest of what a viewer missed once it has taken what it was told.
    private func goOn(_ joiner: Follow.Joiner, _ channel: Channel, after last: RecentEvents.Message) {
        guard let position = last.payload.withUnsafeBytes({ EventPath.position(of: Envelope.read($0)) }) else { return }
        var rest = joiner
        rest.since = position
        rest.isReturning = true
        rest.toldEpoch = position.epoch
        pace(rest, channel)
    }
}

/// Members that a read concerns.
extension Subscriptions {
    /// What a read has found may be much, and the same connection may be a member of many channels that are read at once:
    /// one that has enough to take goes on from where it stands in its turn, like one that comes back.
    func setAside(_ channel: Channel, from known: Position?, to top: Position?) {
        guard let top, known != top, !channel.name.isPersonal else { return }
        let since = known?.epoch == top.epoch ? known : Position(epoch: top.epoch, sequence: 0)
        for subscriber in channel.viewers {
            guard let connection = subscriber.connection, connection.isBehind else { continue }
            core.hub.leave(subscriber, channel, noLonger: .events)
            var joiner = Follow.Joiner(connection: connection, since: since, request: nil)
            joiner.isReturning = true
            joiner.toldEpoch = channel.toldEpoch
            pace(joiner, channel)
        }
    }

    /// Takes note of whose task it is. Members that may not watch a task of that owner are put out.
    func setOwner(_ owner: String?, of channel: Channel) {
        guard channel.owner != owner || channel.follow.ownerIsLost else { return }
        channel.owner = owner
        channel.follow.ownerIsLost = false
        for subscriber in channel.subscribers {
            guard let connection = subscriber.connection, let viewer = connection.viewer,
                !viewer.mayWatch(channel.name, owner: owner)
            else { continue }
            core.hub.leave(subscriber, channel)
            core.presence.viewers.didChange(channel.name)
            viewer.refuseToShow(channel.name, request: nil)
        }
        closeIfUnwatched(channel)
    }
}

extension Subscriber {
    /// Whose outbox it is.
    fileprivate var connection: Connection? { owner as? Connection }
}
