import Dialects
import EventLoop
import Hub
import RedisClient
import Tasks

/// Reading a channel from Redis: at first, after a gap, after an outage.
extension Subscriptions {
    /// Redis takes commands again: reads that could not be sent are sent now.
    func redisIsReady() {
        for channel in core.hub.channels where channel.sync.isReading { read(channel) }
    }

    /// Reads what came since the channel's position, at most once in a while.
    func read(_ channel: Channel) {
        let follow = channel.follow
        let next = follow.lastRead + core.limits.repairMilliseconds
        guard follow.lastRead == 0 || core.loop.now >= next else {
            return retryRead(channel, after: next - core.loop.now)
        }
        follow.retry?.cancel()
        follow.lastRead = core.loop.now
        follow.readNumber += 1
        let number = follow.readNumber
        channel.sync.willReadAgain()
        // Viewers of a channel that was never published to know that: all there is by now is news to them.
        let since = channel.sync.position ?? (channel.memberCount > 0 ? Self.beforeTheFirst : nil)
        read(channel.name, since: since, bytes: core.limits.replayBytes, newEpoch: true) {
            [weak self, weak channel, weak follow] result in
            guard let self, let channel, let follow, follow.readNumber == number, channel.sync.isReading else { return }
            switch result {
            case .success(let answer):
                apply(answer, to: channel)
                // Many are answered in one turn, and each may hold much: viewers need not wait for the last.
                core.hub.flush()
            // Not ready: `redisIsReady` reads again. Anything else: again in a while.
            case .failure(.notReady), .failure(.turnedAway): break
            case .failure: retryRead(channel, after: core.limits.repairMilliseconds)
            }
        }
    }

    /// Of no epoch: whichever there is has begun since.
    private static let beforeTheFirst = Position(epoch: "", sequence: 0)

    private func retryRead(_ channel: Channel, after milliseconds: UInt64) {
        let follow = channel.follow
        follow.retry?.cancel()
        follow.retry = core.loop.schedule(after: milliseconds) { [weak self, weak channel] in
            guard let self, let channel, channel.sync.isReading else { return }
            read(channel)
        }
    }

    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that. `newEpoch`: an epoch that is
    /// not that of `since` is told from its beginning.
    func read(
        _ name: ChannelName, since: Position?, bytes: Int, newEpoch: Bool = false,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        guard let runID = core.redis.runID else { return completion(.failure(core.redis.whyNotReady)) }
        core.counters.channelReads += 1
        let keys = PublishScript.keys(channel: name, naming: core.shared.configuration.naming)
        let arguments = [
            runID, since?.epoch ?? "", since.map { "\($0.sequence)" } ?? "", "\(bytes)", newEpoch ? "1" : "",
        ].map { Array($0.utf8) }
        core.redis.run(RedisScripts.read, keys: keys, arguments: arguments) { [weak core] result in
            guard case .success(let reply) = result, ChannelAnswer.needsEpoch(reply), let core else {
                return completion(result.map { ChannelAnswer($0) })
            }
            core.redis.run(RedisScripts.beginEpoch, keys: keys, arguments: [Array(runID.utf8)]) { begun in
                if case .failure(let error) = begun { return completion(.failure(error)) }
                core.redis.run(RedisScripts.read, keys: keys, arguments: arguments) { result in
                    completion(result.map { ChannelAnswer($0) })
                }
            }
        }
    }

    func apply(_ answer: ChannelAnswer, to channel: Channel) {
        let known = channel.sync.position
        if answer.top != nil { setOwner(answer.owner, of: channel) } else { channel.follow.ownerIsLost = true }
        let waiting = channel.sync.didRead(top: answer.top)
        setAside(channel, from: known, to: answer.top)
        if answer.recovered {
            core.events.replay(answer.entries, on: channel)
        } else if answer.isNewEpoch {
            // What was true before it began, then all that came since.
            core.events.reset(channel)
            if answer.stateIsOlder { restore(answer, at: 0, on: channel) }
            core.events.replay(answer.entries, on: channel)
        } else if answer.top != nil {
            restore(answer, at: answer.top?.sequence, from: known, on: channel)
        } else if known != nil {
            core.events.reset(channel)
        }
        if channel.memberCount == 0 { channel.toldEpoch = answer.top?.epoch }
        core.events.receive(waiting: waiting, on: channel)
        // More has come meanwhile than could be kept, or was missed.
        guard channel.sync.isLive else { return read(channel) }
        let joiners = channel.follow.joiners.filter { $0.waitsFor == .channel }
        channel.follow.joiners.removeAll { $0.waitsFor == .channel }
        for joiner in joiners {
            joiner.count(-1)
            admit(joiner, to: channel)
        }
    }

    /// Takes over the stored state, and tells it to the members where it is not what they know.
    private func restore(
        _ answer: ChannelAnswer, at sequence: UInt64?, from known: Position? = nil, on channel: Channel
    ) {
        core.events.restore(answer, on: channel)
        if known != answer.top { core.events.tellSnapshot(on: channel, at: sequence) }
    }
}
