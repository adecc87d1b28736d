import EventLoop
import RESP
import Redis

/// Commands to a Redis of which the URL does not say whether it is a cluster. Loop-confined.
///
/// The server says so in its handshake. Until then, and always where it is no cluster, commands go over one connection.
final class DiscoveredCommands: CommandBus {
    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)? {
        didSet { found.onReply = onReply }
    }
    /// Called once the server is known as one of a cluster.
    var onCluster: (ClusterCommands) -> Void = { _ in }

    private let single: CommandConnection
    private let makeCluster: () -> ClusterCommands
    /// The bus that takes the commands now.
    private var found: any CommandBus

    init(_ single: CommandConnection, cluster: @escaping () -> ClusterCommands) {
        self.single = single
        makeCluster = cluster
        found = single
        single.onEvent = { [unowned self] event, role in pass(event, role) }
    }

    func start() { found.start() }
    func close() { found.close() }

    private func pass(_ event: RedisEvent, _ role: RedisRole) {
        if case .connected = event, turnToCluster() { return }
        onEvent?(event, role)
    }

    /// Replaces the connection by a cluster where the server is one of a cluster; returns whether it is.
    private func turnToCluster() -> Bool {
        guard single.server?.isCluster == true, found === single else { return found !== single }
        let cluster = makeCluster()
        cluster.onEvent = { [unowned self] event, role in onEvent?(event, role) }
        cluster.onReply = onReply
        found = cluster
        cluster.start()
        onCluster(cluster)
        single.close()
        return true
    }

    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        found.whenConnected { [weak self] result in
            guard case .success = result, let self else { return completion(result) }
            // Another waiter may have turned to the cluster before.
            if found === single, !turnToCluster() { return completion(result) }
            found.whenConnected(completion)
        }
    }

    var isReady: Bool { found.isReady }
    var whyNotReady: RedisError { found.whyNotReady }
    var pendingCount: Int { found.pendingCount }
    var isSpread: Bool { found.isSpread }
    var masters: [any CommandBus] { found.masters }
    var newcomers: [any CommandBus] { found.newcomers }
    var address: RedisEndpoint.Address? { found.address }
    var absentShards: [AbsentShard] { found.absentShards }
    func runID(for key: String) -> String? { found.runID(for: key) }

    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {
        found.run(script, keys: keys, arguments: arguments, completion)
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) { found.send(command, completion) }

    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        found.publish(message, to: channel, completion)
    }
}

@available(*, unavailable)
extension DiscoveredCommands: Sendable {}
