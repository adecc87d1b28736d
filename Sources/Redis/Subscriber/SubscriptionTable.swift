import Base
import RESP

/// Which channels the owner wants, which channels Redis has confirmed, and the next command. No I/O: the caller sends
/// ``nextCommand()`` and reports every push.
struct SubscriptionTable {
    /// A command to send, at most 256 channels each, at most 8 unconfirmed.
    enum Command: Equatable {
        case subscribe([String])
        case unsubscribe([String])
    }

    /// The meaning of an error reply.
    enum Refusal: Equatable {
        /// Redis refused these channels; ``SubscriptionTable/retryRefused()`` asks again for the wanted ones.
        case channels([String])
        /// Redis refused one of several channels and does not name it: the table asks for each channel alone.
        case retried
        /// The error answered a PING or an ASKING: Redis is alive.
        case ping
        /// These channels belong to another Redis of the cluster: the table forgets them, their owner goes there.
        case turnedAway([String])
        /// The error answered an SUNSUBSCRIBE: another Redis has the channels now, so this one has ended them.
        case ended
    }

    /// One command on the wire. Errors carry no channel, so each error belongs to the oldest command.
    private struct InFlight {
        enum Kind: Equatable { case subscribe([String]), unsubscribe([String]), ping, asking }
        let kind: Kind
        var confirmationsLeft: Int
    }

    /// The kind of the next command. The kinds take turns: otherwise viewers that come and go all the time would delay
    /// every UNSUBSCRIBE for ever.
    private enum Turn: CaseIterable {
        case subscribe, unsubscribe, subscribeAlone

        var next: Turn {
            switch self {
            case .subscribe: .unsubscribe
            case .unsubscribe: .subscribeAlone
            case .subscribeAlone: .subscribe
            }
        }
    }

    private let kind: SubscriptionKind
    private var states: [String: SubscriptionState] = [:]
    private var lastTurn = Turn.subscribeAlone
    /// May name channels that have changed since; the table checks each channel at its turn.
    private var toSubscribe = Queue<String>()
    private var toSubscribeAlone = Queue<String>()
    private var toUnsubscribe = Queue<String>()
    private var settledAgain: [String] = []
    private var inFlight = Queue<InFlight>()
    private var commandsInFlight = 0
    private(set) var isConnected = false
    /// The number of wanted channels.
    private(set) var wantedCount = 0

    /// A table without channels.
    init(_ kind: SubscriptionKind = .classic) { self.kind = kind }

    /// The number of channels whose last change Redis has not confirmed.
    var unsettledCount: Int { states.values.count { $0 != .subscribed && $0 != .refused } + settledAgain.count }

    /// The wanted channels.
    var wantedChannels: [String] { states.filter(\.value.isWanted).map(\.key) }

    func state(of channel: String) -> SubscriptionState? { states[channel] }
}

// MARK: Changes by the owner

extension SubscriptionTable {
    mutating func subscribe(_ channel: String) {
        switch states[channel] {
        case nil: wait(channel)
        case .subscribingUnwanted: states[channel] = .subscribing
        case .leaving:
            // Redis still has the channel; the owner waits for a confirmation all the same.
            states[channel] = .subscribed
            settledAgain.append(channel)
        case .unsubscribing: states[channel] = .unsubscribingWanted
        case .waiting, .subscribing, .subscribed, .unsubscribingWanted, .refused: return
        }
        wantedCount += 1
    }

    mutating func unsubscribe(_ channel: String) {
        switch states[channel] {
        case .waiting, .refused: states[channel] = nil
        case .subscribing: states[channel] = .subscribingUnwanted
        case .subscribed: leave(channel)
        case .unsubscribingWanted: states[channel] = .unsubscribing
        case nil, .subscribingUnwanted, .leaving, .unsubscribing: return
        }
        wantedCount -= 1
    }

    /// Asks again for the refused channels.
    mutating func retryRefused() {
        for (channel, state) in states where state == .refused {
            states[channel] = .waiting
            toSubscribeAlone.append(channel)
        }
    }

    /// Channels subscribed again before their UNSUBSCRIBE was sent: confirmed without Redis.
    mutating func takeSettledAgain() -> [String] {
        guard !settledAgain.isEmpty else { return [] }
        defer { settledAgain.removeAll() }
        return settledAgain.filter { states[$0] == .subscribed }
    }

    private mutating func wait(_ channel: String) {
        states[channel] = .waiting
        // Without a connection the table queues nothing: `connected()` starts from the table.
        if isConnected { toSubscribe.append(channel) }
    }

    private mutating func leave(_ channel: String) {
        states[channel] = .leaving
        toUnsubscribe.append(channel)
    }
}

// MARK: The connection

extension SubscriptionTable {
    /// The connection is ready: the table subscribes to every wanted channel.
    mutating func connected() {
        precondition(!isConnected && inFlight.isEmpty, "SubscriptionTable: connected twice")
        isConnected = true
        for channel in inOrder(states.keys) { toSubscribe.append(channel) }
    }

    /// The channels of one slot together: a command takes one slot.
    private func inOrder(_ channels: some Collection<String>) -> [String] {
        guard kind != .classic else { return Array(channels) }
        return channels.map { (slot: HashSlot.of($0).number, name: $0) }.sorted { $0.slot < $1.slot }.map(\.name)
    }

    /// The connection is lost: no subscription remains. Also forgets refusals: another Redis may allow the channel.
    mutating func disconnected() {
        isConnected = false
        for queue in [\SubscriptionTable.toSubscribe, \.toSubscribeAlone, \.toUnsubscribe] {
            self[keyPath: queue].removeAll()
        }
        settledAgain.removeAll()
        inFlight.removeAll()
        commandsInFlight = 0
        states = states.filter(\.value.isWanted).mapValues { _ in .waiting }
    }

    /// The next command to send; nil where the window is full or no channel waits.
    mutating func nextCommand() -> Command? {
        guard isConnected, commandsInFlight < maxInFlight else { return nil }
        for _ in Turn.allCases {
            lastTurn = lastTurn.next
            if let command = command(of: lastTurn) { return command }
        }
        return nil
    }

    /// A sharded command mostly has one channel only.
    private var maxInFlight: Int {
        kind == .classic ? RedisLimits.maxSubscribeCommandsInFlight : RedisLimits.maxShardCommandsInFlight
    }

    private mutating func command(of turn: Turn) -> Command? {
        // ASKING counts for one command.
        let most = kind == .importing ? Int.max : RedisLimits.maxChannelsPerCommand
        switch turn {
        case .subscribe:
            return sentSubscribe(take(from: \.toSubscribe, .waiting, becoming: .subscribing, atMost: most))
        case .subscribeAlone:
            return sentSubscribe(take(from: \.toSubscribeAlone, .waiting, becoming: .subscribing, atMost: 1))
        case .unsubscribe:
            let batch = take(from: \.toUnsubscribe, .leaving, becoming: .unsubscribing, atMost: most)
            return batch.isEmpty ? nil : sentUnsubscribe(batch)
        }
    }

    private mutating func sentSubscribe(_ batch: [String]) -> Command? {
        guard !batch.isEmpty else { return nil }
        if kind == .importing { inFlight.append(InFlight(kind: .asking, confirmationsLeft: 1)) }
        return sent(.subscribe(batch), .subscribe(batch), batch.count)
    }

    /// A PING follows the command where Redis may end subscriptions by itself: an `sunsubscribe` then answers nothing.
    private mutating func sentUnsubscribe(_ batch: [String]) -> Command {
        defer { if kind != .classic { sentPing() } }
        return sent(.unsubscribe(batch), .unsubscribe(batch), batch.count)
    }

    /// The caller sent a PING, which joins the commands that an error may answer.
    mutating func sentPing() { inFlight.append(InFlight(kind: .ping, confirmationsLeft: 1)) }

    private mutating func sent(_ command: Command, _ kind: InFlight.Kind, _ confirmations: Int) -> Command {
        inFlight.append(InFlight(kind: kind, confirmationsLeft: confirmations))
        commandsInFlight += 1
        return command
    }

    private mutating func take(
        from queue: WritableKeyPath<SubscriptionTable, Queue<String>>, _ expected: SubscriptionState,
        becoming next: SubscriptionState,
        atMost limit: Int
    ) -> [String] {
        var batch: [String] = []
        while batch.count < limit, let channel = self[keyPath: queue].first, fits(channel, batch) {
            _ = self[keyPath: queue].popFirst()
            guard states[channel] == expected else { continue }
            states[channel] = next
            batch.append(channel)
        }
        return batch
    }

    private func fits(_ channel: String, _ batch: [String]) -> Bool {
        guard kind != .classic, let first = batch.first else { return true }
        return HashSlot.of(first) == HashSlot.of(channel)
    }
}

// MARK: Replies of Redis

extension SubscriptionTable {
    /// A `subscribe` push; true if the owner must hear of it.
    mutating func confirmSubscribed(_ channel: String) throws(RedisFailure) -> Bool {
        guard case .subscribe = inFlight.first?.kind else { throw .nonsense("a subscribe confirmation out of order") }
        defer { confirmOldest() }
        switch states[channel] {
        case .subscribing:
            states[channel] = .subscribed
            return true
        case .subscribingUnwanted:
            leave(channel)
            return false
        default: throw .nonsense("a confirmation for a channel without a request")
        }
    }

    /// An `unsubscribe` push.
    mutating func confirmUnsubscribed(_ channel: String) throws(RedisFailure) {
        guard case .unsubscribe = inFlight.first?.kind else {
            throw .nonsense("an unsubscribe confirmation out of order")
        }
        defer { confirmOldest() }
        switch states[channel] {
        case .unsubscribing: states[channel] = nil
        case .unsubscribingWanted: wait(channel)
        default: throw .nonsense("a confirmation for a channel without a request")
        }
    }

    /// An `sunsubscribe` push; true if Redis ended a subscription that its owner wants. Where the owner does not want it
    /// any more, the PING behind the SUNSUBSCRIBE settles it.
    mutating func end(_ channel: String) -> Bool {
        switch states[channel] {
        case .subscribed:
            states[channel] = nil
            wantedCount -= 1
            return true
        case .leaving: states[channel] = nil
        case nil, .waiting, .refused, .subscribing, .subscribingUnwanted, .unsubscribing, .unsubscribingWanted: break
        }
        return false
    }

    /// The answer to ASKING.
    mutating func confirmAsking() throws(RedisFailure) {
        guard inFlight.first?.kind == .asking else { throw .nonsense("an OK out of order") }
        confirmOldest()
    }

    mutating func confirmPong() throws(RedisFailure) {
        if kind != .classic, case .unsubscribe(let channels) = inFlight.first?.kind {
            settleUnsubscribed(channels)
            _ = inFlight.popFirst()
            commandsInFlight -= 1
        }
        guard inFlight.first?.kind == .ping else { throw .nonsense("a pong out of order") }
        confirmOldest()
    }

    /// An error reply to the oldest command.
    mutating func refuse(_ error: RedisReplyError) throws(RedisFailure) -> Refusal {
        if error.asksToWait, inFlight.first?.kind != .ping, !isOfSlot(error) { throw .unavailable(error) }
        if kind != .classic, error.refusesWrites, case .unsubscribe = inFlight.first?.kind {
            // A Redis that cannot save answers the PING behind a SUNSUBSCRIBE with an error.
            try confirmPong()
            return .ping
        }
        guard let oldest = inFlight.popFirst() else { throw .nonsense("an error without a command: \(error)") }
        switch oldest.kind {
        case .ping, .asking: return .ping
        case .unsubscribe(let channels):
            commandsInFlight -= 1
            if isOfSlot(error) {
                settleUnsubscribed(channels)
                return .ended
            }
            stay(channels)
            return .channels(channels)
        case .subscribe(let channels):
            commandsInFlight -= 1
            if isOfSlot(error) { return .turnedAway(forget(channels)) }
            return refuse(channels, isWhole: oldest.confirmationsLeft == channels.count)
        }
    }

    /// Whether the error is about the slot of the channels, which moves or has no master: this Redis is as good as ever.
    private func isOfSlot(_ error: RedisReplyError) -> Bool {
        guard kind != .classic else { return false }
        return ["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "CROSSSLOT"].contains(error.code)
    }

    /// Forgets the channels of a SSUBSCRIBE; returns those that are still wanted.
    private mutating func forget(_ channels: [String]) -> [String] {
        let wanted = channels.filter { states[$0] == .subscribing }
        for channel in channels { states[channel] = nil }
        wantedCount -= wanted.count
        return wanted
    }

    private mutating func settleUnsubscribed(_ channels: [String]) {
        for channel in channels {
            switch states[channel] {
            case .unsubscribingWanted: wait(channel)
            case .unsubscribing: states[channel] = nil
            default: break
            }
        }
    }

    private mutating func refuse(_ channels: [String], isWhole: Bool) -> Refusal {
        let wanted = channels.filter { states[$0] == .subscribing }
        for channel in channels { states[channel] = nil }
        if channels.count == 1 {
            for channel in wanted { states[channel] = .refused }
            return .channels(wanted)
        }
        for channel in wanted {
            states[channel] = .waiting
            toSubscribeAlone.append(channel)
        }
        return .retried
    }

    /// Redis refuses UNSUBSCRIBE (an ACL without +unsubscribe): Redis still sends messages, which no viewer reads.
    private mutating func stay(_ channels: [String]) {
        for channel in channels {
            if states[channel] == .unsubscribingWanted {
                states[channel] = .subscribed
                settledAgain.append(channel)
            } else {
                states[channel] = nil
            }
        }
    }

    private mutating func confirmOldest() {
        inFlight[0].confirmationsLeft -= 1
        guard inFlight[0].confirmationsLeft == 0, let oldest = inFlight.popFirst() else { return }
        if oldest.kind != .ping, oldest.kind != .asking { commandsInFlight -= 1 }
    }
}
