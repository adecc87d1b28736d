public import EventLoop
public import RESP
public import Redis

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
        let login = login(name: name, scripts: scripts)
        switch location {
        case .sentinel(let group):
            let finder = SentinelFinder(loop: loop, group: group, name: name)
            let bus = ClassicBus(
                commands: CommandConnection(loop: loop, login: login, finder: finder, timing: timing),
                subscriber: subscriber(loop, login, finder))
            finder.onEvent = { [unowned bus] event, role in bus.onEvent?(event, role) }
            return bus
        case .server, .cluster:
            let home = SubscriberHome(addresses)
            return ClassicBus(
                commands: commands(loop, login) { home.cluster = $0 }, subscriber: subscriber(loop, login, home))
        }
    }

    /// Commands alone, for who hears nothing; not started yet. `readsReplicas` is for who only reads: all others leave a Redis
    /// that is a replica at once.
    public func commands(
        loop: EventLoop, name: String, scripts: [RedisScript] = [], readsReplicas: Bool = false
    ) -> any CommandBus {
        var login = login(name: name, scripts: scripts)
        if readsReplicas, login.expected == .writable { login.expected = .anyRedis }
        if case .sentinel(let group) = location {
            let finder = SentinelFinder(loop: loop, group: group, name: name)
            return CommandConnection(loop: loop, login: login, finder: finder, timing: timing)
        }
        return commands(loop, login) { _ in }
    }

    private func subscriber(_ loop: EventLoop, _ login: Login, _ finder: any RedisFinder) -> RedisSubscriber {
        RedisSubscriber(loop: loop, login: login.forSubscriptions, finder: finder, timing: timing)
    }

    private func login(name: String, scripts: [RedisScript]) -> Login {
        switch location {
        case .server(let endpoint): Login(endpoint: endpoint, name: name, scripts: scripts)
        case .cluster(let seeds): Login(endpoint: seeds.server(at: seeds.addresses[0]), name: name, scripts: scripts)
        // Where the master is, is found; until then it is nowhere.
        case .sentinel(let group):
            Login(
                endpoint: group.server(at: .unix(path: "")), name: name, scripts: scripts, expected: .master)
        }
    }

    /// Where Redis is, as the URL says.
    private var addresses: [RedisEndpoint.Address] {
        switch location {
        case .server(let endpoint): [endpoint.address]
        case .cluster(let seeds): seeds.addresses
        case .sentinel: []
        }
    }
}

// MARK: Clusters

extension RedisConnector {
    /// Commands to one Redis or to a cluster; `onCluster` is called once it is known to be one.
    private func commands(
        _ loop: EventLoop, _ login: Login, _ onCluster: @escaping (ClusterCommands) -> Void
    ) -> any CommandBus {
        let make = { makeCluster(loop, login) }
        if case .cluster = location {
            let cluster = make()
            onCluster(cluster)
            return cluster
        }
        let commands = DiscoveredCommands(
            CommandConnection(loop: loop, login: login, timing: timing), cluster: make)
        commands.onCluster = onCluster
        return commands
    }

    private func makeCluster(_ loop: EventLoop, _ login: Login) -> ClusterCommands {
        let timing = timing
        func connection(_ address: RedisEndpoint.Address, _ change: (inout Login) -> Void) -> CommandConnection {
            var login = login
            login.endpoint.address = address
            change(&login)
            return CommandConnection(loop: loop, login: login, timing: timing)
        }
        return ClusterCommands(
            loop: loop, seeds: addresses,
            connect: { connection($0) { $0.expected = .master } },
            visit: { connection($0) { ($0.expected, $0.scripts) = (.anyRedis, []) } })
    }
}
