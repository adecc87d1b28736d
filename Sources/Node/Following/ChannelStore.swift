import Events
import Dialects
import RESP
import Redis
import Tasks

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
        let keys = PublishScript.keys(channel: name, naming: naming)
        let arguments = [
            runID, since?.epoch ?? "", since.map { "\($0.sequence)" } ?? "", "\(bytes)", newEpoch ? "1" : "",
        ].map { Array($0.utf8) }
        redis.run(RedisScripts.read, keys: keys, arguments: arguments) { [weak redis] result in
            guard case .success(let reply) = result, ChannelAnswer.needsEpoch(reply), let redis else {
                return completion(result.map { ChannelAnswer($0) })
            }
            redis.run(RedisScripts.beginEpoch, keys: keys, arguments: [Array(runID.utf8)]) { begun in
                if case .failure(let error) = begun { return completion(.failure(error)) }
                redis.run(RedisScripts.read, keys: keys, arguments: arguments) { result in
                    completion(result.map { ChannelAnswer($0) })
                }
            }
        }
    }

    /// Asks where channels stand. `completion` gets a place for each, nil where Redis knows none, or nothing where Redis has
    /// not answered.
    func positions(of names: [ChannelName], _ completion: @escaping ([Position?]) -> Void) {
        redis.run(RedisScripts.positions, keys: names.map { naming.metaKey(of: $0) }) { result in
            guard case .success(.array(let fields)) = result, fields.count == names.count * 2 else {
                return completion([])
            }
            completion(
                names.indices.map { index in
                    guard let epoch = fields[index * 2].string, let last = fields[index * 2 + 1].integer, last >= 0
                    else { return nil }
                    return Position(epoch: epoch, sequence: UInt64(last))
                })
        }
    }

    /// Publishes a message that has no place in a channel.
    func publish(
        _ message: [UInt8], to channel: String, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        redis.publish(message, to: channel, completion)
    }
}
