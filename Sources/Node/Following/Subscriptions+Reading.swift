import Events
import Dialects
import EventLoop
import Hub
import RESP
import Redis
import Store

/// Reading a channel from Redis: at first, after a gap, after an outage.
extension Subscriptions {
    /// Redis takes commands again: reads that could not be sent are sent now.
    func redisIsReady() {
        for channel in hub.channels where channel.sync.isReading { read(channel) }
    }

    /// Reads what came since the channel's position, at most once in a while.
    func read(_ channel: Channel) {
        let follow = channel.follow
        let next = follow.lastRead + limits.repairMilliseconds
        guard follow.lastRead == 0 || loop.now >= next else {
            return retryRead(channel, after: next - loop.now)
        }
        readNow(channel)
    }

    /// Reads the next portion of a history. Where all viewers have taken most of the last one, at once; else a little later, and
    /// who is behind then is set aside: nobody waits for long for those who read slowly.
    private func readOn(_ channel: Channel) {
        guard channel.viewers.contains(where: { $0.viewer?.isBehind ?? false }) else { return readNow(channel) }
        retryRead(channel, after: limits.repairMilliseconds)
    }

    private func readNow(_ channel: Channel) {
        let follow = channel.follow
        follow.retry?.cancel()
        follow.lastRead = loop.now
        follow.readNumber += 1
        let number = follow.readNumber
        channel.sync.willReadAgain()
        // Viewers of a channel that was never published to know that: all there is by now is news to them.
        let since = channel.sync.position ?? (channel.memberCount > 0 ? Self.beforeTheFirst : nil)
        store.read(channel.name, since: since, bytes: limits.replayBytes, newEpoch: true) {
            [weak self, weak channel, weak follow] result in
            guard let self, let channel, let follow, follow.readNumber == number, channel.sync.isReading else { return }
            switch result {
            case .success(let answer): apply(answer, since: since, to: channel)
            // Not ready: `redisIsReady` reads again. Anything else: again in a while.
            case .failure(.notReady), .failure(.turnedAway): break
            case .failure: retryRead(channel, after: limits.repairMilliseconds)
            }
        }
    }

    /// Of no epoch: whichever there is has begun since.
    private static let beforeTheFirst = Position(epoch: "", sequence: 0)

    private func retryRead(_ channel: Channel, after milliseconds: UInt64) {
        let follow = channel.follow
        follow.retry?.cancel()
        follow.retry = loop.schedule(after: milliseconds) { [weak self, weak channel] in
            guard let self, let channel, channel.sync.isReading else { return }
            read(channel)
        }
    }

    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that.
    func read(
        _ name: ChannelName, since: Position?, bytes: Int,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        store.read(name, since: since, bytes: bytes, completion)
    }

    /// Tells the channel's members what a read has found, and lets in who waited for it.
    func apply(_ answer: ChannelAnswer, since: Position? = nil, to channel: Channel) {
        let known = channel.sync.position
        let owed = channel.sync.owed
        if answer.top != nil { setOwner(answer.owner, of: channel) } else { channel.follow.ownerIsLost = true }
        let found = channel.sync.didRead(
            ChannelSync.Answer(since: since, top: answer.top, entries: EventPath.places(of: answer.entries)))
        if known != answer.top { setAside(channel, from: known, in: answer.top?.epoch, owed) }
        tell(found, answer, known, on: channel)
        if known != answer.top, !found.isPart { answerQuestions(about: channel) }
        if channel.memberCount == 0 { channel.toldEpoch = answer.top?.epoch }
        // Many are answered in one turn, and each may hold much: viewers need not wait for the last.
        hub.flush()
        guard !found.isPart else { return readOn(channel) }
        let waitingBytes = found.waiting.reduce(0) { $0 + $1.payload.count }
        if waitingBytes > limits.setAsideBytes {
            setAside(channel, from: channel.sync.position, in: answer.top?.epoch, channel.sync.owed)
        }
        events.receive(waiting: found.waiting, on: channel)
        settleMissed(channel)
        // More has come meanwhile than could be kept, or was missed.
        guard channel.sync.isLive else { return read(channel) }
        for joiner in waiting.removeAll(for: channel, where: { $0.waitsFor == .channel }) {
            admit(joiner, to: channel)
        }
        hub.flush()
    }

    private func tell(
        _ found: ChannelSync.Found, _ answer: ChannelAnswer, _ known: Position?, on channel: Channel
    ) {
        switch found.start {
        case .nothing: if known != nil { events.reset(channel) }
        case .anew:
            // What was true before it began, then all that came since.
            events.reset(channel)
            if answer.stateIsOlder {
                events.restore(answer, on: channel)
                events.tellSnapshot(on: channel, at: 0)
            }
        case .goesOn:
            // It stands further back than was told: what is kept beyond that was never a part of it.
            if let known, let top = answer.top, known.sequence > top.sequence { channel.recent = nil }
        case .place: break
        }
        events.tell(found, answer.entries, on: channel)
        if !answer.entries.isEmpty, !found.isPart, channel.sync.position == answer.top {
            events.learn(answer, on: channel)
        }
        guard found.endsWithState else { return }
        events.restore(answer, on: channel)
        events.tellSnapshot(on: channel, at: answer.top?.sequence)
    }

    /// What the members have missed is said by the next message, or where none comes soon, by one of its own.
    private func settleMissed(_ channel: Channel) {
        guard channel.sync.owed.missed > 0 else { return }
        channel.follow.missed?.cancel()
        channel.follow.missed = loop.schedule(after: limits.missedMilliseconds) { [weak self, weak channel] in
            guard let self, let channel else { return }
            events.tellMissed(on: channel)
        }
    }
}
