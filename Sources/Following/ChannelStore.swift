import Dialects
import Events
import RESP
package import Redis
package import Store
package import Telemetry

/// Reads channels and their positions from Redis, and publishes messages to them.
package final class ChannelStore {
    private let redis: any CommandBus
    private let naming: Naming
    private let tally: FollowingTally

    package init(redis: any CommandBus, naming: Naming, tally: FollowingTally) {
        self.redis = redis
        self.naming = naming
        self.tally = tally
    }

    /// Whether Redis takes commands.
    var isReady: Bool { redis.isReady }

    /// Reads a channel's position, its state, and at most `bytes` of the events after `since`. `newEpoch`: where
    /// `since` is of another epoch, Redis answers the channel's epoch from its beginning.
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

    /// Asks Redis for a channel's position. `completion` gets nil where Redis knows none; it is not called where Redis
    /// does not answer.
    func position(of name: ChannelName, _ completion: @escaping (Position?) -> Void) {
        redis.send(StoredPosition(of: name, naming: naming)) { result in
            if case .success(let reply) = result { completion(reply.position) }
        }
    }
}
