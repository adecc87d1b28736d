public import EventLoop
public import RESP

/// Makes every connection to Redis, whichever way Redis is laid out.
public struct RedisConnector: Sendable {
    /// Where Redis is.
    public let location: RedisLocation
    private let timing: RedisTiming

    /// Connections to where Redis is.
    public init(_ location: RedisLocation, timing: RedisTiming = RedisTiming()) {
        self.location = location
        self.timing = timing
    }

    /// Connections to one Redis.
    public init(_ endpoint: RedisEndpoint, timing: RedisTiming = RedisTiming()) {
        self.init(.server(endpoint), timing: timing)
    }

    /// Everything that a loop asks of Redis and hears from it; not started yet. `name` is what CLIENT LIST shows; `scripts` are
    /// all that may be run. What the owner sends in a hook of ``EventLoop/EventLoop/beforeSleep(_:)`` leaves in the same turn
    /// only when that hook was added before ``CommandBus/start()``.
    public func bus(loop: EventLoop, name: String, scripts: [RedisScript]) -> any Bus {
        let finder = finder(loop: loop, name: name)
        let login = login(name: name, scripts: scripts)
        return SingleServer(loop: loop, login: login, finder: finder, timing: timing)
    }

    /// Commands alone, for who hears nothing; not started yet. `readsReplicas` is for who only reads: all others leave a Redis
    /// that is a replica at once.
    public func commands(
        loop: EventLoop, name: String, scripts: [RedisScript] = [], readsReplicas: Bool = false
    ) -> any CommandBus {
        var login = login(name: name, scripts: scripts)
        if readsReplicas, login.expected == .writable { login.expected = .anyRedis }
        return CommandConnection(loop: loop, login: login, finder: finder(loop: loop, name: name), timing: timing)
    }

    private func login(name: String, scripts: [RedisScript]) -> Login {
        switch location {
        case .server(let endpoint): Login(endpoint: endpoint, name: name, scripts: scripts)
        // Where the master is, is found; until then it is nowhere.
        case .sentinel(let group):
            Login(
                endpoint: group.server(at: .unix(path: "")), name: name, scripts: scripts, expected: .master)
        }
    }

    private func finder(loop: EventLoop, name: String) -> SentinelFinder? {
        switch location {
        case .server: nil
        case .sentinel(let group): SentinelFinder(loop: loop, group: group, name: name)
        }
    }
}
