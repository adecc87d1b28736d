import Base
import EventLoop
import Events
import RESP
import Redis
import Store

/// One loop's presence commands to Redis, under the name of its lease.
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

    /// The channel for announcements to everyone.
    var everyone: String { naming.channel(ChannelName.everyone.text) }
    /// Whether Redis takes commands.
    var isReady: Bool { redis.isReady }
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
