import Cluster
import EventLoop
import RESP
import Redis

/// Hears about the sharded channels of a loop. All calls come on the loop.
protocol ShardSubscriberHandler: AnyObject {
    /// The loop hears the channel from now on.
    func shardDidSubscribe(_ channel: String)
    /// The loop misses messages of these channels until ``shardDidSubscribe(_:)``.
    func shardDidLose(_ channels: [String])
    /// The loop may have missed messages of the channel, and hears every message that is published from now on.
    func shardDidCheck(_ channel: String)
    /// Redis refuses the channel (NOPERM).
    func shardDidRefuse(_ channel: String, _ error: RedisReplyError)
}

/// The sharded channels of a loop: one connection to each master of the cluster, and each channel at the master of its
/// slot, as ``ShardHomes`` decides. Loop-confined.
final class ShardSubscriber {
    /// Makes a connection that is not started yet.
    typealias Connect = (Address, SubscriptionKind) -> RedisSubscriber

    weak var handler: (any ShardSubscriberHandler)?
    weak var messages: (any MessageHandler)?
    /// Called for every event of a connection.
    var onEvent: (RedisEvent, Address) -> Void = { _, _ in }

    private let loop: EventLoop
    private let channels: ShardedChannels
    private let proofMilliseconds: UInt64
    private let connect: Connect
    private var prover: Timer?
    /// The number of the last channel that was tried for a proof.
    private var lastNumber = 0
    private weak var cluster: ClusterCommands?
    private var homes = ShardHomes()
    private var connections: [Address: ShardConnection] = [:]
    private let covers: SlotCovers
    private var ticker: Timer?
    /// Slots whose master turned their channels away, until these are asked for again.
    private var strays: Set<HashSlot> = []
    /// The pauses of slots whose channels were turned away not long ago.
    private var pauses: [HashSlot: StrayPause] = [:]

    /// The time between two questions to each master which slots it gives away.
    private static let tickMilliseconds: UInt64 = 2_000

    /// The most channels that are tried for one proof: a master may have one slot of 16,384.
    private static let mostTries = 1_000

    /// Each connection must prove that it delivers, every `proofMilliseconds`.
    init(loop: EventLoop, channels: ShardedChannels, proofMilliseconds: UInt64, connect: @escaping Connect) {
        self.loop = loop
        self.channels = channels
        self.proofMilliseconds = proofMilliseconds
        self.connect = connect
        covers = SlotCovers(loop: loop)
    }

    /// Begins to subscribe, at the masters that `cluster` knows.
    func begin(_ cluster: ClusterCommands) {
        self.cluster = cluster
        cluster.observer = self
        covers.begin(cluster, owner: self) { [unowned self] address, number, onEvent in
            ShardConnection(
                connect(address, .importing), to: address, number: number, messages: messages, echoes: covers.echoes,
                onReport: { _, _ in }, onEvent: onEvent)
        }
        ticker = loop.every(milliseconds: Self.tickMilliseconds) { [weak self] in self?.tick() }
        prover = loop.every(milliseconds: proofMilliseconds) { [weak self] in self?.prove() }
        for address in cluster.map?.masters ?? [] { _ = connection(to: address) }
        adopt(homes.wantedSlots)
    }

    func close() {
        for timer in [ticker, prover] { timer?.cancel() }
        (cluster, homes) = (nil, ShardHomes())
        covers.close()
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    func subscribe(_ channel: String) {
        perform(homes.want(channel, home: home(of: HashSlot.of(channel))))
        covers.wantedDidChange(HashSlot.of(channel))
    }

    func unsubscribe(_ channel: String) {
        perform(homes.drop(channel))
        covers.wantedDidChange(HashSlot.of(channel))
    }

    /// The masters of the map at which no channel can be heard now.
    var unheardShards: [AbsentShard] {
        (cluster?.map?.masters ?? []).compactMap { address in
            guard let connection = connections[address], let failure = connection.failure else { return nil }
            return AbsentShard(name: "\(address)", reason: "\(failure)")
        }
    }

    private func home(of slot: HashSlot) -> Address? { cluster?.map?[slot] }

    private func tick() {
        covers.ask(about: homes.wantedSlots.isEmpty ? [] : cluster?.masterConnections.ready ?? [])
        closeIdle()
        covers.echoes.forget()
        let now = loop.now
        pauses = pauses.filter { !$0.value.isOver(at: now) }
    }

    /// Closes connections to servers that are no masters any more, once no channel is left there.
    private func closeIdle() {
        let masters = Set(cluster?.map?.masters ?? [])
        for (address, connection) in connections
        where !masters.contains(address) && connection.isIdle {
            connection.close()
            connections[address] = nil
        }
    }
}

@available(*, unavailable)
extension ShardSubscriber: Sendable {}

// MARK: The map

extension ShardSubscriber: ClusterObserver {
    func mapDidChange(of slots: [HashSlot]) {
        for address in cluster?.map?.masters ?? [] { _ = connection(to: address) }
        adopt(slots)
        covers.mapDidChange()
    }

    private func adopt(_ slots: [HashSlot]) {
        perform(slots.flatMap { homes.adopt(home(of: $0), of: $0) })
    }

    func slotDidMove(_ slot: HashSlot) {
        if !strays.contains(slot) { perform(homes.adopt(home(of: slot), of: slot)) }
    }

    func slotIsOpen(_ slot: HashSlot, from source: Address, to target: Address?) {
        covers.slotIsOpen(slot, from: source, to: target)
    }

    /// A slot's master turned its channels away. Another try follows a little later: two servers that disagree would send
    /// the channels to and fro.
    private func stray(_ slot: HashSlot) {
        guard strays.insert(slot).inserted else { return }
        let pause = pauses[slot, default: StrayPause()].begin(at: loop.now)
        loop.schedule(after: pause) { [weak self] in
            self?.strays.remove(slot)
            self?.slotDidMove(slot)
        }
    }
}

// MARK: Connections

extension ShardSubscriber {
    private func connection(to address: Address) -> ShardConnection {
        if let connection = connections[address] { return connection }
        let connection = ShardConnection(
            connect(address, .sharded), to: address, number: 0, messages: messages, echoes: covers.echoes,
            onReport: { [unowned self] event, address in onEvent(event, address) },
            onEvent: { [unowned self] event, address in receive(event, address) })
        connections[address] = connection
        connection.start()
        return connection
    }

    private func prove() {
        for (address, commands) in cluster?.masterConnections.ready ?? [] {
            guard let connection = connections[address], connection.subscriber.isReady else { continue }
            connection.prove {
                proofChannel(at: address)
            } publish: { channel, didPublish in
                commands.send(RedisCommand("SPUBLISH", .string(channel), "proof")) {
                    if case .success = $0 { didPublish() }
                }
            }
        }
    }

    /// A channel in a slot of this master.
    private func proofChannel(at address: Address) -> String? {
        for _ in 0..<Self.mostTries {
            lastNumber += 1
            let channel = channels.proof(lastNumber)
            if home(of: HashSlot.of(channel)) == address { return channel }
        }
        return nil
    }

    private func receive(_ event: ShardConnection.Event, _ address: Address) {
        switch event {
        case .subscribed(let channel):
            perform(homes.confirm(channel, at: address))
            covers.homesDidChange(HashSlot.of(channel))
        case .ended(let channel):
            perform(homes.end(channel, at: address, isCovered: covers.hears(channel)))
        case .turnedAway(let channels, let error): turnAway(channels, error, address)
        case .refused(let channel, let error): handler?.shardDidRefuse(channel, error)
        case .disconnected: perform(homes.lose(at: address))
        }
    }

    private func turnAway(_ channels: [String], _ error: RedisReplyError, _ address: Address) {
        for channel in channels { perform(homes.turnAway(channel, at: address)) }
        for slot in Set(channels.map { HashSlot.of($0) }) { stray(slot) }
        if let redirection = Redirection(error, from: address) { cluster?.learn(redirection, from: address) }
    }

    private func perform(_ effects: [ShardHomes.Effect]) {
        var lost: [String] = []
        for effect in effects {
            switch effect {
            case .subscribe(let channel, let address): connection(to: address).subscriber.subscribe(channel)
            case .unsubscribe(let channel, let address): connections[address]?.subscriber.unsubscribe(channel)
            case .tellLost(let channel): lost.append(channel)
            case .tellHeard(let channel): handler?.shardDidSubscribe(channel)
            case .tellChecked(let channel): handler?.shardDidCheck(channel)
            case .doubtMap: cluster?.doubtMap()
            }
        }
        if !lost.isEmpty { handler?.shardDidLose(lost) }
    }
}

// MARK: Open slots

extension ShardSubscriber: SlotCoversOwner {
    func wantedSlots() -> [HashSlot] { homes.wantedSlots }
    func wantedChannels(of slot: HashSlot) -> Set<String> { homes.channels(of: slot) }
    func isSettled(_ slot: HashSlot) -> Bool { homes.areSettled(slot, at: home(of: slot)) }
    func coverIsHeard(of slot: HashSlot) { perform(homes.check(slot)) }
    func coverIsLost(of slot: HashSlot) { perform(homes.loseCover(of: slot)) }
}
