import Cluster
import EventLoop
import RESP
import Redis

/// Whom ``SlotCovers`` serves.
protocol SlotCoversOwner: AnyObject {
    /// The slots with wanted channels.
    func wantedSlots() -> [HashSlot]
    /// The wanted channels of a slot.
    func wantedChannels(of slot: HashSlot) -> Set<String>
    /// Whether all of these are heard at the master of the map.
    func isSettled(_ slot: HashSlot) -> Bool
    /// The channels of the slot are heard at the master that takes it over, or cannot be: messages may have been missed.
    func coverIsHeard(of slot: HashSlot)
    /// They are not heard there any more.
    func coverIsLost(of slot: HashSlot)
}

/// Hears open slots at the master that takes them over as well: what has been moved is published there, while the former
/// master still keeps the subscriptions. Loop-confined.
///
/// Redis takes such a subscription as one command behind ASKING, on a connection that has no other: so each slot has a
/// connection of its own, and a new one when a channel joins.
final class SlotCovers {
    typealias Connect = (Address, _ number: Int, @escaping (ShardConnection.Event, Address) -> Void) -> ShardConnection

    /// The connections for a slot, by their numbers.
    private struct Cover {
        var state: SlotCover
        var target: Address
        var connections: [Int: ShardConnection] = [:]
    }

    /// Knows what comes over a cover and over the connection to the slot's new master as well.
    let echoes: EchoFilter

    /// Connections of one loop. Tools move one slot after another; where somebody opens more at a time, the rest is
    /// read at intervals.
    private static let mostCovers = 64
    /// The least time between two questions to a master.
    private static let pauseMilliseconds: UInt64 = 250

    private let loop: EventLoop
    private var connect: Connect?
    private weak var cluster: ClusterCommands?
    private weak var owner: (any SlotCoversOwner)?
    private var open = OpenSlots()
    private var covers: [HashSlot: Cover] = [:]
    private var lastAsked: [Address: UInt64] = [:]
    private var lastNumber = 0
    /// Slots that their master does not call open any more, though the map still gives them to it.
    private var doubted: Set<HashSlot> = []
    /// Slots about which their master is asked again after a pause, and the pauses of open slots whose covers were lost.
    private var asking: Set<HashSlot> = []
    private var pauses: [HashSlot: StrayPause] = [:]

    init(loop: EventLoop) {
        self.loop = loop
        echoes = EchoFilter(loop: loop)
    }

    /// `connect` makes a connection that is not started yet.
    func begin(_ cluster: ClusterCommands, owner: any SlotCoversOwner, connect: @escaping Connect) {
        self.cluster = cluster
        self.owner = owner
        self.connect = connect
    }

    func close() {
        for connection in covers.values.flatMap(\.connections.values) { connection.close() }
        covers = [:]
        connect = nil
    }

    /// Whether the channel is heard at the master that takes its slot over.
    func hears(_ channel: String) -> Bool {
        covers[HashSlot.of(channel)]?.state.hears(channel) == true
    }

    // MARK: Learning

    /// A command shows that a slot is open.
    func slotIsOpen(_ slot: HashSlot, from source: Address, to target: Address?) {
        if let target {
            open.learn(slot, from: source, to: target)
            update(slot)
        } else if let connection = cluster?.masterConnections.ready.first(where: { $0.address == source }) {
            guard loop.now - (lastAsked[source] ?? 0) >= Self.pauseMilliseconds else { return }
            ask(about: [connection])
        }
    }

    /// Asks these masters which slots they give away.
    func ask(about masters: [(address: Address, connection: CommandConnection)]) {
        for (address, connection) in masters {
            lastAsked[address] = loop.now
            connection.send(RedisCommand("CLUSTER", "NODES")) { [weak self] result in
                guard case .success(let reply) = result, let text = reply.string else { return }
                self?.learn(OpenSlots.leaving(in: text, askedAt: address), from: address)
            }
        }
    }

    private func learn(_ leaving: [HashSlot: Address], from source: Address) {
        open.learn(leaving, from: source)
        for slot in open.ended(leaving, from: source) { settle(slot) }
        for slot in leaving.keys {
            doubted.remove(slot)
            update(slot)
            if covers[slot]?.state.isHeard != true { owner?.coverIsHeard(of: slot) }
        }
    }

    // MARK: Changes

    /// A channel of the slot is wanted, or not any more.
    func wantedDidChange(_ slot: HashSlot) { if open.moves[slot] != nil { update(slot) } }
    /// A channel of the slot is heard at the master of the map.
    func homesDidChange(_ slot: HashSlot) {
        if let move = open.moves[slot], cluster?.map?[slot] != move.source { settle(slot) }
    }
    /// There is a new map.
    func mapDidChange() { for slot in open.moves.keys { homesDidChange(slot) } }

    /// The slot is not open any more: the move was given up where the source has the slot at the next question, too; else
    /// its new master must hear all channels first.
    private func settle(_ slot: HashSlot) {
        guard let move = open.moves[slot], let owner else { return }
        if cluster?.map?[slot] == move.source {
            guard !doubted.insert(slot).inserted else { return }
        } else {
            guard owner.isSettled(slot) else { return }
        }
        doubted.remove(slot)
        open.close(slot)
        pauses[slot] = nil
        drop(slot)
    }

    private func update(_ slot: HashSlot) {
        guard let move = open.moves[slot], let owner else { return }
        let wanted = owner.wantedChannels(of: slot)
        if wanted.isEmpty { return drop(slot) }
        if let cover = covers[slot], cover.target == move.target, wanted.isSubset(of: cover.state.channels) {
            return
        }
        guard covers[slot] != nil || covers.count < Self.mostCovers else { return }
        make(slot, at: move.target, wanted)
    }

    private func make(_ slot: HashSlot, at target: Address, _ channels: Set<String>) {
        lastNumber += 1
        let number = lastNumber
        guard let connection = connect?(target, number, { [weak self] event, _ in self?.receive(event, slot, number) })
        else { return }
        let effects = covers[slot]?.state.replace(by: number, channels: channels) ?? []
        covers[slot, default: Cover(state: SlotCover(number, channels: channels), target: target)].target = target
        covers[slot]?.connections[number] = connection
        echoes.begin(slot)
        perform(effects, slot)
        for channel in channels { connection.subscriber.subscribe(channel) }
        connection.start()
    }

    private func receive(_ event: ShardConnection.Event, _ slot: HashSlot, _ number: Int) {
        switch event {
        case .subscribed(let channel): perform(covers[slot]?.state.confirm(channel, over: number) ?? [], slot)
        case .ended, .turnedAway, .refused, .disconnected:
            perform(covers[slot]?.state.lose(number) ?? [], slot)
            askAgain(about: slot)
        }
    }

    private func perform(_ effects: [SlotCover.Effect], _ slot: HashSlot) {
        for effect in effects {
            switch effect {
            case .close(let number): covers[slot]?.connections.removeValue(forKey: number)?.close()
            case .tellHeard: owner?.coverIsHeard(of: slot)
            case .tellLost: owner?.coverIsLost(of: slot)
            case .end: drop(slot)
            }
        }
    }

    /// The answer of the slot's master, who may have closed the slot, makes a new cover. The pause grows: where the slot is
    /// open at its master alone, the other one turns every cover away.
    private func askAgain(about slot: HashSlot) {
        guard let source = open.moves[slot]?.source, asking.insert(slot).inserted else { return }
        let pause = pauses[slot, default: StrayPause()].begin(at: loop.now)
        loop.schedule(after: max(pause, Self.pauseMilliseconds)) { [weak self] in
            self?.asking.remove(slot)
            self?.slotIsOpen(slot, from: source, to: nil)
        }
    }

    private func drop(_ slot: HashSlot) {
        guard let cover = covers.removeValue(forKey: slot) else { return }
        for connection in cover.connections.values { connection.close() }
        echoes.end(slot)
        owner?.coverIsLost(of: slot)
    }
}
