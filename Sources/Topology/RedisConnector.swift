public import EventLoop
public import RESP
public import Redis

/// Makes every connection to Redis: to one Redis, to the master that Sentinels name, or to the masters of a cluster.
public struct RedisConnector: Sendable {
    /// The address of Redis, of its Sentinels, or of some servers of a cluster.
    public let location: RedisLocation
    /// How the events of tasks and topics travel in a cluster.
    private let pubSub: ClusterPubSub
    private let timing: RedisTiming

    /// Connects to the Redis at `location`.
    public init(
        _ location: RedisLocation, pubSub: ClusterPubSub = .classic, timing: RedisTiming = RedisTiming()
    ) {
        self.location = location
        self.pubSub = pubSub
        self.timing = timing
    }

    /// Connects to one Redis.
    public init(_ endpoint: RedisEndpoint, timing: RedisTiming = RedisTiming()) {
        self.init(.server(endpoint), timing: timing)
    }

    /// The bus of a loop, not started yet. `name` is the client's name in CLIENT LIST; the bus runs only `scripts`.
    /// Commands from a hook of ``EventLoop/EventLoop/beforeSleep(_:)`` leave in the same turn only if the owner added
    /// the hook before ``CommandBus/start()``. `sharded`: the channels of the events of tasks and topics; nil
    /// where the bus hears none of them.
    public func bus(
        loop: EventLoop, name: String, scripts: [RedisScript], sharded: ShardedChannels? = nil
    ) -> any Bus {
        let login = login(name: name, scripts: scripts)
        switch location {
        case .sentinel(let group):
            let finder = SentinelFinder(loop: loop, group: group, name: name)
            let bus = ClassicBus(
                commands: CommandConnection(loop: loop, login: login, finder: finder, timing: timing),
                subscriber: subscriber(loop, login, finder))
            finder.onEvent = { [unowned bus] event, role in bus.onEvent?(event, role) }
            return bus
        case .server, .cluster: return clusterBus(loop, login, sharded)
        }
    }

    /// The bus of a Redis that is a cluster, or may turn out to be one.
    private func clusterBus(_ loop: EventLoop, _ login: Login, _ sharded: ShardedChannels?) -> any Bus {
        let home = SubscriberHome(addresses)
        let meeting = ClusterMeeting()
        let classic = ClassicBus(
            commands: commands(loop, login) {
                home.cluster = $0
                meeting.meet($0)
            }, subscriber: subscriber(loop, login, home))
        guard let sharded, pubSub.isSharded else { return classic }
        let shards = ShardSubscriber(
            loop: loop, channels: sharded, proofMilliseconds: timing.subscriberPingMilliseconds
        ) { [timing] address, kind in
            var login = login.forSubscriptions
            (login.endpoint.address, login.expected) = (address, .master)
            return RedisSubscriber(loop: loop, login: login, kind: kind, timing: timing)
        }
        let bus = ShardedBus(classic: classic, shards: shards, both: pubSub == .both, isSharded: sharded.isSharded)
        meeting.await { [unowned bus] in bus.turnToCluster($0) }
        return bus
    }

    /// A bus for commands only, not started yet. `readsReplicas` is for a client that only reads: every other client
    /// disconnects from a replica at once.
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
        // The Sentinels give the master's address; until then the link has none.
        case .sentinel(let group):
            Login(
                endpoint: group.server(at: .unix(path: "")), name: name, scripts: scripts, expected: .master)
        }
    }

    /// The addresses in the URL.
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
    /// Commands to one Redis or to a cluster. `onCluster` is called once a server has said that it is one of a cluster.
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
        let (timing, pubSub) = (timing, pubSub)
        func connection(_ address: RedisEndpoint.Address, _ change: (inout Login) -> Void) -> CommandConnection {
            var login = login
            (login.endpoint.address, login.pubSub) = (address, pubSub)
            change(&login)
            return CommandConnection(loop: loop, login: login, timing: timing)
        }
        return ClusterCommands(
            loop: loop, seeds: addresses,
            connect: { connection($0) { $0.expected = .master } },
            visit: { connection($0) { ($0.expected, $0.scripts) = (.anyRedis, []) } })
    }
}

/// Tells a part of the cluster, whichever of the two is there first. Loop-confined.
private final class ClusterMeeting {
    private weak var cluster: ClusterCommands?
    private var body: ((ClusterCommands) -> Void)?

    func meet(_ cluster: ClusterCommands) {
        self.cluster = cluster
        body?(cluster)
    }

    func await(_ body: @escaping (ClusterCommands) -> Void) {
        self.body = body
        if let cluster { body(cluster) }
    }
}
