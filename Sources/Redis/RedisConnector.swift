public import EventLoop
public import RESP

/// Makes every connection to Redis: to one Redis, or to a master that Sentinels watch.
public struct RedisConnector: Sendable {
    /// The address of Redis, or of its Sentinels.
    public let location: RedisLocation
    private let timing: RedisTiming

    /// Connects to the Redis at `location`.
    public init(_ location: RedisLocation, timing: RedisTiming = RedisTiming()) {
        self.location = location
        self.timing = timing
    }

    /// Connects to one Redis.
    public init(_ endpoint: RedisEndpoint, timing: RedisTiming = RedisTiming()) {
        self.init(.server(endpoint), timing: timing)
    }

    /// The bus of a loop, not started yet. `name` is the client's name in CLIENT LIST; the bus runs only `scripts`.
    /// Commands from a hook of ``EventLoop/EventLoop/beforeSleep(_:)`` leave in the same turn only if the owner added
    /// the hook before ``CommandBus/start()``.
    public func bus(loop: EventLoop, name: String, scripts: [RedisScript]) -> any Bus {
        let finder = finder(loop: loop, name: name)
        let login = login(name: name, scripts: scripts)
        return SingleServer(loop: loop, login: login, finder: finder, timing: timing)
    }

    /// A bus for commands only, not started yet. `readsReplicas` is for a client that only reads: every other client
    /// disconnects from a replica at once.
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
        // The Sentinels give the master's address; until then the link has none.
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
