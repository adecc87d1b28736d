public import EventLoop
public import RESP

/// Makes every connection to Redis, whichever way Redis is laid out.
public struct RedisConnector: Sendable {
    /// Where Redis is.
    public let endpoint: RedisEndpoint
    private let timing: RedisTiming

    /// Connections to `endpoint`.
    public init(_ endpoint: RedisEndpoint, timing: RedisTiming = RedisTiming()) {
        self.endpoint = endpoint
        self.timing = timing
    }

    /// Everything that a loop asks of Redis and hears from it; not started yet. `name` is what CLIENT LIST shows; `scripts` are
    /// all that may be run. What the owner sends in a hook of ``EventLoop/EventLoop/beforeSleep(_:)`` leaves in the same turn
    /// only when that hook was added before ``CommandBus/start()``.
    public func bus(loop: EventLoop, name: String, scripts: [RedisScript]) -> any Bus {
        SingleServer(loop: loop, endpoint: endpoint, name: name, scripts: scripts, timing: timing)
    }

    /// Commands alone, for who hears nothing; not started yet. `readsReplicas` is for who only reads: all others leave a Redis
    /// that is a replica at once.
    public func commands(
        loop: EventLoop, name: String, scripts: [RedisScript] = [], readsReplicas: Bool = false
    ) -> any CommandBus {
        RedisConnection(
            loop: loop, endpoint: endpoint, name: name, scripts: scripts, readsReplicas: readsReplicas, timing: timing)
    }
}
