package import Events
import Hub
import Redis
package import RESP
import Store
import Telemetry

/// A loop's channels in Redis: subscribes to them, reads what Redis keeps of them, publishes messages to them.
package final class ChannelStore {
    private let bus: any Bus
    private let naming: Naming
    private let resources: ChannelResources
    private let tally: FollowingTally

    init(bus: any Bus, naming: Naming, resources: ChannelResources, tally: FollowingTally) {
        self.bus = bus
        self.naming = naming
        self.resources = resources
        self.tally = tally
    }

    /// Whether Redis takes commands.
    var isReady: Bool { bus.isReady }

    /// A channel's name in Redis.
    func redisName(of name: ChannelName) -> String { naming.channel(name.text) }

    func subscribe(_ channel: Channel) { bus.subscribe(channel.redisName) }
    func unsubscribe(_ channel: Channel) { bus.unsubscribe(channel.redisName) }

    /// Publishes a message to the channel's subscribers on all nodes.
    func publish(
        _ message: [UInt8], to name: ChannelName, _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        bus.publish(message, to: redisName(of: name), completion)
    }

    /// Reads a channel's position, its state, and at most `bytes` of the events after `since`. `newEpoch`: where
    /// `since` is of another epoch, Redis answers the channel's epoch from its beginning.
    func read(
        _ name: ChannelName, since: Position?, bytes: Int, newEpoch: Bool = false,
        _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        guard let runID = bus.runID(for: naming.metaKey(of: name)) else {
            return completion(.failure(bus.whyNotReady))
        }
        tally.counters.channelReads += 1
        let place = ReadScript.Place(since: since, bytes: bytes, newEpoch: newEpoch)
        let reading = ReadScript(name, from: place, runID: runID, naming: naming)
        bus.run(reading) { [weak bus, naming] result in
            guard case .success(.needsEpoch) = result, let bus else { return completion(result.map(\.answer)) }
            bus.run(EpochScript(name, runID: runID, naming: naming)) { begun in
                if case .failure(let error) = begun { return completion(.failure(error)) }
                bus.run(reading) { completion($0.map(\.answer)) }
            }
        }
    }

    /// Asks Redis for a channel's position. `completion` gets nil where Redis knows none; it is not called where Redis
    /// does not answer.
    func position(of name: ChannelName, _ completion: @escaping (Position?) -> Void) {
        bus.send(StoredPosition(of: name, naming: naming)) { result in
            if case .success(let reply) = result { completion(reply.position) }
        }
    }

    /// A task's stored state; nil where there is none.
    func state(in answer: ChannelAnswer, of name: ChannelName) -> Delivery? {
        ChannelState(name: name, stored: answer, using: resources).snapshot
    }
}

/// For callers that show a task without following it.
extension ChannelStore {
    /// Reads a channel's position, its state, and at most `bytes` of the events after `since`.
    package nonisolated(nonsending) func read(
        _ name: ChannelName, since: Position?, bytes: Int
    ) async throws(RedisError) -> ChannelAnswer {
        try await withCheckedContinuation { waiter in
            read(name, since: since, bytes: bytes) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Reads the position and the state of each channel, all at once.
    package nonisolated(nonsending) func read(
        all channels: [ChannelName]
    ) async throws(RedisError) -> [ChannelAnswer] {
        let place = ReadScript.Place(since: nil, bytes: 0, newEpoch: false)
        var readings: [ReadScript] = []
        for name in channels {
            guard let runID = bus.runID(for: naming.metaKey(of: name)) else { throw bus.whyNotReady }
            readings.append(ReadScript(name, from: place, runID: runID, naming: naming))
        }
        tally.counters.channelReads += UInt64(channels.count)
        let replies = try await bus.run(all: readings)
        guard replies.contains(.needsEpoch) else { return replies.map(\.answer) }
        var beginnings: [EpochScript] = []
        for (name, reply) in zip(channels, replies) where reply == .needsEpoch {
            guard let runID = bus.runID(for: naming.metaKey(of: name)) else { throw bus.whyNotReady }
            beginnings.append(EpochScript(name, runID: runID, naming: naming))
        }
        _ = try await bus.run(all: beginnings)
        return try await bus.run(all: readings).map(\.answer)
    }

    /// Everything that Redis stores of a task.
    package func taskState(in answer: ChannelAnswer, of name: ChannelName) -> TaskState {
        ChannelState(name: name, stored: answer, using: resources).taskState(at: answer.top)
    }
}
