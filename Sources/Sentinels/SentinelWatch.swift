package import RESP

/// Where the master is, by what several Sentinels say: a value that decides whom to ask and when, and what their answers mean
/// together. Its only clock are the ticks that it is told of.
///
/// All are asked, at the beginning, every two seconds, and at once when one of them says that the master has changed or a
/// connection to the master was lost. What more than half of them say counts at once: so neither a Sentinel that lags behind
/// nor one of another group leads anybody astray. Where fewer answer, what most of those say counts as soon as all have answered,
/// failed or had their time; a master that serves is left for it only where one of them has changed its mind. Nothing is
/// forgotten because nobody answers.
package struct SentinelWatch {
    package typealias Address = RedisEndpoint.Address

    /// What happens.
    package enum Event: Equatable {
        /// Links want to know where the master is; the first time, this begins.
        case sought
        /// A link to this address is lost, or could not be made.
        case doubted(Address, RedisFailure)
        /// A Sentinel can be asked.
        case reached(Address)
        /// It cannot, or no longer.
        case failed(Address, RedisFailure)
        /// It was asked for the master: nil where it knows none of that name.
        case answered(Address, Address?)
        /// It has said who it is.
        case identified(Address, id: String)
        /// It has said which others watch the same master.
        case listed([Peer])
        /// It says that a master has changed, or may have said so unheard.
        case alarmed
        /// A quarter of a second has passed.
        case tick
    }

    /// What is to be done, in this order.
    package enum Action: Equatable {
        /// Keep connections to this Sentinel.
        case connect(Address)
        /// End them.
        case disconnect(Address)
        /// Ask it who it is and whom it knows.
        case greet(Address)
        /// Ask it where the master is.
        case ask(Address)
        /// Tell all links where the master is, and those that seek it.
        case master(Address)
        /// Tell those that seek it that it is not known, and why.
        case unknown(RedisFailure)
    }

    /// Another Sentinel, as one of them names it.
    package struct Peer: Equatable {
        package let address: Address
        package let id: String
    }

    /// Ticks between two rounds of questions: two seconds.
    static let ticksBetweenRounds = 8
    /// The same while something is wrong or has just changed: half a second.
    static let ticksBetweenHastyRounds = 2
    /// How long that lasts: five seconds.
    static let hastyTicks = 20
    /// How long a round waits for those that are silent: a second.
    static let patienceTicks = 4
    /// How long an address where no master was found comes second: longer than a link waits between two attempts.
    static let denialTicks = 24
    /// Sentinels that are asked, those included of which others have told: each is asked by every loop.
    static let maxSentinels = 16

    package private(set) var sentinels: [KnownSentinel]
    /// Where the master is, as far as is known.
    package private(set) var master: Address?
    private let name: String
    private var hasBegun = false
    private var isSought = false
    /// An address where a link has just found no master.
    private var denied: Address?
    private var deniedTicks = 0
    private var ticksSinceRound = 0
    private var hastyTicksLeft = 0
    /// Changes of mind, of all Sentinels together; how many there had been when the master was adopted.
    private var changes = 0
    private var changesAtAdoption = 0

    /// Nobody is asked yet. `name` is what the Sentinels call the master.
    package init(sentinels: [Address], name: String) {
        self.sentinels = sentinels.map { KnownSentinel(address: $0, isNamed: true) }
        self.name = name
    }

    /// Whether each has answered, failed or had its time.
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
        // What is no word on the master itself: that it is another, that it is not known, that it refuses the login.
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
        // A round that is waited for has its time first.
        let concluded = ticksSinceRound == Self.patienceTicks ? conclude() : []
        return ticksSinceRound >= pause && isSettled ? concluded + askAll() : concluded
    }
}

// MARK: Who there is

extension SentinelWatch {
    private mutating func identify(_ address: Address, _ id: String) -> [Action] {
        change(address) { $0.id = id }
        // One that the URL names, and that another has told of by another address: it must not count twice.
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

// MARK: What the answers mean

extension SentinelWatch {
    private struct Candidate {
        let address: Address
        var votes = 0
        /// When a Sentinel last came to say so.
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

    /// Those whose word is waited for. One that others have told of, and that cannot be reached, may be gone for good.
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
    /// Whether it is no word on the Redis at an address.
    fileprivate var isAboutSentinel: Bool {
        switch self {
        case .moved, .noSentinel, .unknownMaster: true
        default: false
        }
    }
}
