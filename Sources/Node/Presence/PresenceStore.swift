import EventLoop
import Events
import Presence
import RESP
import Redis
import Tasks

/// What one loop does with the keys of presence: it calls scripts on them, under the name of its lease.
final class PresenceStore {
    let loop: EventLoop
    let naming: Naming
    let keys: PresenceKeys
    let limits: PresenceLimits
    var lease: Lease
    private let redis: any CommandBus

    init(loop: EventLoop, redis: any CommandBus, naming: Naming, limits: PresenceLimits) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.limits = limits
        keys = PresenceKeys(naming)
        lease = Lease(name: Incarnation.make())
    }

    /// The channel on which comings and goings are announced.
    var everyone: String { naming.channel(ChannelName.everyone.text) }
    /// Whether Redis takes commands.
    var isReady: Bool { redis.isReady }
    /// Whether what the loop writes is taken and counted.
    var isCounting: Bool { isReady && lease.isRegistered }

    func run(
        _ script: RedisScript, keys more: [String] = [], _ arguments: [String],
        _ completion: @escaping (Result<RedisValue, RedisError>) -> Void
    ) {
        redis.run(script, keys: [keys.base] + more, arguments: arguments.map { Array($0.utf8) }, completion)
    }
}

extension RedisValue {
    /// The numbers of an array that holds nothing else.
    var integers: [Int64]? {
        guard case .array(let values) = self else { return nil }
        let numbers = values.compactMap(\.integer)
        return numbers.count == values.count ? numbers : nil
    }
}
