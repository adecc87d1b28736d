import Base
import EventLoop
import Events
import RESP
import Redis
import Store

/// One loop's presence commands to Redis for one bucket, under the name of its lease there.
final class PresenceStore {
    let loop: EventLoop
    let naming: Naming
    let keys: PresenceKeys
    let limits: PresenceLimits
    var lease: Lease
    private let redis: any CommandBus

    /// Users online in all other buckets, as far as the loop knows.
    var onlineElsewhere = 0

    init(loop: EventLoop, redis: any CommandBus, naming: Naming, keys: PresenceKeys, limits: PresenceLimits) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.limits = limits
        self.keys = keys
        lease = Lease(name: Incarnation.make())
    }

    /// The channel for announcements to everyone.
    var everyone: String { naming.channel(ChannelName.everyone.text) }
    /// The limits for scripts that announce: they see the users of this bucket alone. Below 0 nothing is announced.
    var announcing: PresenceLimits {
        var limits = limits
        limits.broadcastUpTo = max(-1, limits.broadcastUpTo - onlineElsewhere)
        return limits
    }
    /// Whether Redis takes commands.
    var isReady: Bool { redis.isReady }
    /// A connection to each server; none while one of them is away.
    var servers: [any CommandBus] { redis.absentShards.isEmpty ? redis.masters : [] }
    /// Whether Redis takes and counts the loop's writes.
    var isCounting: Bool { isReady && lease.isRegistered }

    func run<Request: ScriptRequest>(
        _ request: Request, _ completion: @escaping (Result<Request.Reply, RedisError>) -> Void
    ) {
        redis.run(request, completion)
    }

    func send<Request: CommandRequest>(
        _ request: Request, _ completion: @escaping (Result<Request.Reply, RedisError>) -> Void
    ) {
        redis.send(request, completion)
    }
}
