package import RESP

/// Finds the master from the answers of several Sentinels: a value that decides which Sentinels the loop asks and when,
/// and which master the answers elect. It counts time in the ticks it gets.
///
/// The loop asks all Sentinels at the start, every two seconds, and at once when a Sentinel reports a new master or a
/// link to the master is lost. An answer that more than half of the Sentinels give counts at once: neither a Sentinel
/// that lags behind nor a Sentinel of another group can mislead the loop. Where fewer answer, their most frequent
/// answer counts once all have answered, failed or timed out; it replaces a master that serves only where a Sentinel
/// has changed its mind. The watch forgets nothing while no Sentinel answers.
package struct SentinelWatch {
    package typealias Address = RedisEndpoint.Address

    /// What happened, as the loop reports it.
    package enum Event: Equatable {
        /// Links need the master's address; the first time, this starts the watch.
        case sought
        /// A link to this address is lost, or failed to connect.
        case doubted(Address, RedisFailure)
        /// The Sentinel is reachable.
        case reached(Address)
        /// The Sentinel is unreachable, or no longer reachable.
        case failed(Address, RedisFailure)
        /// The Sentinel's answer: the master's address, or nil where it knows no master of that name.
        case answered(Address, Address?)
        /// The Sentinel has sent its id.
        case identified(Address, id: String)
        /// The Sentinel has named other Sentinels of the same master.
        case listed([Peer])
        /// The Sentinel reports a new master, or the loop may have missed such a report.
        case alarmed
        /// A quarter of a second has passed.
        case tick
    }

    /// An action of the loop; actions run in order.
    package enum Action: Equatable {
        /// Connect to this Sentinel and stay connected.
        case connect(Address)
        /// Close the connections to this Sentinel.
        case disconnect(Address)
        /// Ask the Sentinel for its id and for the other Sentinels.
        case greet(Address)
        /// Ask the Sentinel for the master's address.
        case ask(Address)
        /// Tell all links the master's address, searching links included.
        case master(Address)
        /// Tell the links that search that the master is unknown, and why.
        case unknown(RedisFailure)
    }

    /// Another Sentinel, as a Sentinel names it.
    package struct Peer: Equatable {
        package let address: Address
        package let id: String
    }

    /// Ticks between two rounds of questions: two seconds.
    static let ticksBetweenRounds = 8
    /// The same after an error or a change: half a second.
    static let ticksBetweenHastyRounds = 2
    /// How long the shorter pause lasts: five seconds.
    static let hastyTicks = 20
    /// How long a round waits for silent Sentinels: a second.
    static let patienceTicks = 4
    /// How long an address without a master comes second: longer than a link waits between two attempts.
    static let denialTicks = 24
    /// The most Sentinels that a loop asks, Sentinels that other Sentinels name included.
    static let maxSentinels = 16

    package private(set) var sentinels: [KnownSentinel]
    /// The master's address; nil while unknown.
    package private(set) var master: Address?
    private let name: String
    private var hasBegun = false
    private var isSought = false
    /// An address where a link has just found no master.
    private var denied: Address?
    private var deniedTicks = 0
    private var ticksSinceRound = 0
    private var hastyTicksLeft = 0
    /// Changes of mind of all Sentinels together; their number when the watch adopted the master.
    private var changes = 0
    private var changesAtAdoption = 0

    /// A watch that asks no Sentinel yet. `name` is the master's name among the Sentinels.
    package init(sentinels: [Address], name: String) {
        self.sentinels = sentinels.map { KnownSentinel(address: $0, isNamed: true) }
        self.name = name
    }

    /// Whether each Sentinel has answered, failed or timed out.
    package var isSettled: Bool {
        ticksSinceRound >= Self.patienceTicks || sentinels.allSatisfy(\.isSettled)
    }

    package mutating func receive(_ event: Event) -> [Action] {
        switch event {
        case .sought: return seek()
        case .doubted(let address, let failure): return doubt(address, failure)
        case .reached(let address): return reach(address)
        case .failed(let address, let failure):
            change(address) { $0.fail(failure) }
            return conclude()
        case .answered(let address, let master):
            change(address) { [next = changes + 1] in $0.hear(master, change: next) }
            changes = sentinels.map(\.change).max() ?? changes
            return conclude()
        case .identified(let address, let id): return identify(address, id)
        case .listed(let peers): return peers.flatMap { add($0) }
        case .alarmed: return hurry()
        case .tick: return tick()
        }
    }

    private mutating func change(_ address: Address, _ body: (inout KnownSentinel) -> Void) {
        guard let index = sentinels.firstIndex(where: { $0.address == address }) else { return }
        body(&sentinels[index])
    }
}

// MARK: Asking

extension SentinelWatch {
    private mutating func seek() -> [Action] {
        isSought = true
        guard hasBegun else {
            hasBegun = true
            return sentinels.map { .connect($0.address) }
        }
        return conclude()
    }

    private mutating func doubt(_ address: Address, _ failure: RedisFailure) -> [Action] {
        // Failures that say nothing about the master: another master, an unknown master, a refused login.
        guard address == master, !failure.isAboutSentinel, !failure.needsOperator else { return [] }
        (denied, deniedTicks) = (address, Self.denialTicks)
        let isHasty = hastyTicksLeft > 0
        hastyTicksLeft = Self.hastyTicks
        return isHasty ? [] : askAll()
    }

    private mutating func hurry() -> [Action] {
        hastyTicksLeft = Self.hastyTicks
        return askAll()
    }

    private mutating func askAll() -> [Action] {
        ticksSinceRound = 0
        return sentinels.indices.compactMap { sentinels[$0].ask() ? .ask(sentinels[$0].address) : nil }
    }

    private mutating func reach(_ address: Address) -> [Action] {
        guard let index = sentinels.firstIndex(where: { $0.address == address }) else { return [] }
        sentinels[index].reach()
        return [.greet(address), .ask(address)]
    }

    private mutating func tick() -> [Action] {
        guard hasBegun else { return [] }
        let pause = hastyTicksLeft > 0 ? Self.ticksBetweenHastyRounds : Self.ticksBetweenRounds
        ticksSinceRound += 1
        hastyTicksLeft = max(0, hastyTicksLeft - 1)
        deniedTicks = max(0, deniedTicks - 1)
        if deniedTicks == 0 { denied = nil }
        // A round under way gets its full time first.
        let concluded = ticksSinceRound == Self.patienceTicks ? conclude() : []
        return ticksSinceRound >= pause && isSettled ? concluded + askAll() : concluded
    }
}

// MARK: The list of Sentinels

extension SentinelWatch {
    private mutating func identify(_ address: Address, _ id: String) -> [Action] {
        change(address) { $0.id = id }
        // A Sentinel that the URL and another Sentinel name by two addresses must not count twice.
        guard let double = sentinels.last(where: { $0.id == id && $0.address != address }) else { return [] }
        let dropped = double.isNamed ? address : double.address
        sentinels.removeAll { $0.address == dropped }
        return [.disconnect(dropped)] + conclude()
    }

    private mutating func add(_ peer: Peer) -> [Action] {
        let isKnown = sentinels.contains { $0.address == peer.address || $0.id == peer.id }
        guard !isKnown, sentinels.count < Self.maxSentinels else { return [] }
        sentinels.append(KnownSentinel(address: peer.address, id: peer.id))
        return [.connect(peer.address)]
    }
}

// MARK: The election

extension SentinelWatch {
    private struct Candidate {
        let address: Address
        var votes = 0
        /// The last time a Sentinel changed to this answer.
        var change = 0
    }

    private mutating func conclude() -> [Action] {
        if let found = verdict {
            guard found != master || isSought else { return [] }
            (master, isSought, changesAtAdoption) = (found, false, changes)
            return [.master(found)]
        }
        guard isSought, isSettled, sentinels.allSatisfy({ $0.says == nil }) else { return [] }
        isSought = false
        return [.unknown(whyUnknown)]
    }

    /// The Sentinels that must answer. An unreachable Sentinel that only other Sentinels name may be gone for good.
    private var electorate: Int { sentinels.count { $0.isNamed || $0.failure == nil } }

    private var verdict: Address? {
        let candidates = self.candidates
        if let most = candidates.first(where: { $0.votes * 2 > electorate }) { return most.address }
        guard isSettled else { return nil }
        let open = candidates.filter { $0.address != denied }
        let best = (open.isEmpty ? candidates : open).max { ($0.votes, $0.change) < ($1.votes, $1.change) }
        guard let best, let master, master != denied else { return best?.address }
        return best.change > changesAtAdoption ? best.address : master
    }

    private var candidates: [Candidate] {
        sentinels.reduce(into: []) { candidates, sentinel in
            guard let address = sentinel.says else { return }
            let index = candidates.firstIndex { $0.address == address } ?? candidates.count
            if index == candidates.count { candidates.append(Candidate(address: address)) }
            candidates[index].votes += 1
            candidates[index].change = max(candidates[index].change, sentinel.change)
        }
    }

    private var whyUnknown: RedisFailure {
        let strangers = sentinels.filter(\.isNameless)
        guard strangers.count * 2 <= electorate else {
            let asked = strangers.map { "\($0.address)" }.joined(separator: ", ")
            return .unknownMaster("no Sentinel knows a master named '\(name)'; asked: \(asked)")
        }
        let reasons = sentinels.map { "\($0.address): \($0.words)" }.joined(separator: "; ")
        return .noSentinel(
            "no Sentinel says where the master '\(name)' is: \(reasons)",
            needsOperator: sentinels.allSatisfy { $0.failure?.needsOperator == true })
    }
}

extension RedisFailure {
    /// Whether the failure says nothing about the Redis at an address.
    fileprivate var isAboutSentinel: Bool {
        switch self {
        case .moved, .noSentinel, .unknownMaster: true
        default: false
        }
    }
}
