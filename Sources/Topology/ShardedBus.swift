import RESP
import Redis

/// A bus that hears some channels at the master of their slot, once its Redis is known as a cluster; until then, and
/// always where there is one Redis, it is a ``ClassicBus``. Loop-confined.
final class ShardedBus: Bus {
    /// Where a channel must be heard.
    private struct Ways: OptionSet {
        let rawValue: UInt8
        static let classic = Ways(rawValue: 1)
        static let shard = Ways(rawValue: 2)
        /// The handler was told that the bus hears the channel.
        static let told = Ways(rawValue: 4)
    }

    var onEvent: ((RedisEvent, RedisRole) -> Void)?
    var onReply: ((UInt64) -> Void)? {
        didSet { classic.onReply = onReply }
    }
    weak var handler: (any BusHandler)?
    weak var messages: (any MessageHandler)? {
        didSet { (classic.messages, shards.messages) = (messages, messages) }
    }

    private let classic: ClassicBus
    private let shards: ShardSubscriber
    private let isSharded: (String) -> Bool
    /// The ways by which the bus must hear a sharded channel.
    private let needed: Ways
    private var isCluster = false
    /// The wanted sharded channels of a cluster, and by which ways the bus hears each.
    private var heard: [String: Ways] = [:]

    /// A bus of these two parts, which are not started yet. `isSharded` tells which channels are sharded in a cluster;
    /// `both`: the bus hears these from everybody who uses PUBLISH as well.
    init(classic: ClassicBus, shards: ShardSubscriber, both: Bool, isSharded: @escaping (String) -> Bool) {
        self.classic = classic
        self.shards = shards
        self.isSharded = isSharded
        needed = both ? [.classic, .shard] : .shard
        classic.onEvent = { [unowned self] event, role in pass(event, role) }
        shards.onEvent = { [unowned self] event, address in onEvent?(event, .part(.shard(address))) }
        classic.handler = self
        shards.handler = self
    }

    func start() { classic.start() }

    func close() {
        shards.close()
        classic.close()
    }

    /// The server is known as one of a cluster.
    func turnToCluster(_ cluster: ClusterCommands) {
        turnToCluster()
        shards.begin(cluster)
    }

    private func pass(_ event: RedisEvent, _ role: RedisRole) {
        // Before the first confirmation comes.
        if role == .pubsub, case .connected(let server) = event, server.isCluster { turnToCluster() }
        onEvent?(event, role)
    }

    private func turnToCluster() {
        guard !isCluster else { return }
        isCluster = true
        for channel in classic.channels where isSharded(channel) {
            if !needed.contains(.classic) { classic.unsubscribe(channel) }
            heard[channel] = []
            shards.subscribe(channel)
        }
    }
}

@available(*, unavailable)
extension ShardedBus: Sendable {}

// MARK: Subscriptions

extension ShardedBus {
    var isListening: Bool { classic.isListening }
    var unheardShards: [AbsentShard] { shards.unheardShards }

    func subscribe(_ channel: String) {
        guard isCluster, isSharded(channel) else { return classic.subscribe(channel) }
        guard heard[channel] == nil else { return }
        heard[channel] = []
        if needed.contains(.classic) { classic.subscribe(channel) }
        shards.subscribe(channel)
    }

    func unsubscribe(_ channel: String) {
        if heard.removeValue(forKey: channel) != nil { shards.unsubscribe(channel) }
        classic.unsubscribe(channel)
    }

    func reconnect(hearing channel: String) { classic.reconnect(hearing: channel) }

    private func hear(_ channel: String, by way: Ways) {
        guard var ways = heard[channel], !ways.contains(way) else { return }
        ways.formUnion(way)
        let isBack = ways.contains(.told)
        if ways.isSuperset(of: needed) { ways.formUnion(.told) }
        heard[channel] = ways
        // What came by the way that was lost meanwhile is missing.
        if isBack { return handler?.busDidCheck(channel) ?? () }
        if ways.contains(.told) { handler?.busDidSubscribe(channel) }
    }

    /// Notes the loss of a way; returns the channels that the bus does not hear any more. What a channel's master says it
    /// hears without the classic connection, too, which may be lost with any server.
    private func lose(_ channels: some Sequence<String>, by way: Ways) -> [String] {
        channels.filter { channel in
            guard let ways = heard[channel] else { return false }
            let rest = ways.subtracting(way)
            let isHeard = rest.contains(.shard) && rest.contains(.told)
            heard[channel] = isHeard ? rest : rest.subtracting(.told)
            return ways.contains(.told) && !isHeard
        }
    }
}

extension ShardedBus: BusHandler {
    func busDidSubscribe(_ channel: String) {
        if heard[channel] == nil { handler?.busDidSubscribe(channel) } else { hear(channel, by: .classic) }
    }

    func busDidRefuse(_ channel: String, _ error: RedisReplyError) { handler?.busDidRefuse(channel, error) }

    func busDidLose(_ channels: LostChannels) {
        guard !heard.isEmpty else { return handler?.busDidLose(channels) ?? () }
        let lost = lose(Array(heard.keys), by: .classic)
        handler?.busDidLose(.some(lost + classic.channels.filter { heard[$0] == nil }))
    }

    func busDidCheck(_ channel: String) { handler?.busDidCheck(channel) }
}

extension ShardedBus: ShardSubscriberHandler {
    func shardDidSubscribe(_ channel: String) { hear(channel, by: .shard) }

    func shardDidLose(_ channels: [String]) {
        let lost = lose(channels, by: .shard)
        if !lost.isEmpty { handler?.busDidLose(.some(lost)) }
    }

    func shardDidCheck(_ channel: String) {
        if heard[channel]?.contains(.told) == true { handler?.busDidCheck(channel) }
    }

    func shardDidRefuse(_ channel: String, _ error: RedisReplyError) { handler?.busDidRefuse(channel, error) }
}

// MARK: Commands

extension ShardedBus {
    var isReady: Bool { classic.isReady }
    var whyNotReady: RedisError { classic.whyNotReady }
    var pendingCount: Int { classic.pendingCount }
    var masters: [any CommandBus] { classic.masters }
    var newcomers: [any CommandBus] { classic.newcomers }
    var isSpread: Bool { classic.isSpread }
    var address: RedisEndpoint.Address? { classic.address }

    var absentShards: [AbsentShard] { classic.absentShards }

    func whenConnected(_ completion: @escaping (Result<Void, RedisFailure>) -> Void) {
        classic.whenConnected(completion)
    }

    func runID(for key: String) -> String? { classic.runID(for: key) }

    func run(_ script: RedisScript, keys: [String], arguments: [[UInt8]], _ completion: @escaping Completion) {
        classic.run(script, keys: keys, arguments: arguments, completion)
    }

    func send(_ command: RedisCommand, _ completion: @escaping Completion) { classic.send(command, completion) }

    func publish(_ message: [UInt8], to channel: String, _ completion: @escaping Completion) {
        classic.publish(message, to: channel, completion)
    }
}
