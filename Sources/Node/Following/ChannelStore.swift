import Events
import Dialects
import RESP
import Redis
import Store

/// What following channels asks of Redis: where they stand, what they hold, and to pass on a message.
final class ChannelStore {
    private let redis: any CommandBus
    private let naming: Naming
    private let tally: FollowingTally

    init(redis: any CommandBus, naming: Naming, tally: FollowingTally) {
        self.redis = redis
        self.naming = naming
        self.tally = tally
    }

    /// Whether Redis takes commands.
    var isReady: Bool { redis.isReady }

    /// Reads a channel's position, state, and what it has after `since`, at most `bytes` of that. `newEpoch`: an epoch that is
    /// not that of `since` is told from its beginning.
    func read(
        _ name: ChannelName, since: Position?, bytes: Int, newEpoch: Bool = false,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        guard let runID = redis.runID(for: naming.metaKey(of: name)) else {
            return completion(.failure(redis.whyNotReady))
        }
        tally.counters.channelReads += 1
        let place = ReadScript.Place(since: since, bytes: bytes, newEpoch: newEpoch)
        let reading = ReadScript(name, from: place, runID: runID, naming: naming)
        redis.run(reading) { [weak redis, naming] result in
            guard case .success(.needsEpoch) = result, let redis else { return completion(result.map(\.answer)) }
            redis.run(EpochScript(name, runID: runID, naming: naming)) { begun in
                if case .failure(let error) = begun { return completion(.failure(error)) }
                redis.run(reading) { completion($0.map(\.answer)) }
            }
        }
    }

    /// Asks where a channel stands. `completion` gets its place, nil where Redis knows none; it is not called where Redis has
    /// not answered.
    func position(of name: ChannelName, _ completion: @escaping (Position?) -> Void) {
        redis.send(StoredPosition(of: name, naming: naming)) { result in
            if case .success(let reply) = result { completion(reply.position) }
        }
    }

    /// Publishes a message that has no place in a channel.
    func publish(
        _ message: [UInt8], to channel: String, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        redis.publish(message, to: channel, completion)
    }
}
