/// Where a loop hears one sharded channel, and where it has asked to. A value that decides; ``ShardHomes`` has all channels.
///
///                 map                 confirmed            map             confirmed
///     .nowhere ──────────> .asked(A) ──────────> .on(A) ──────────> .moving ──────────> .on(B)
///         ↑ turned away       │  ↑ ended, lost      │ ended while a connection to the
///         └───────────────────┘  └──────────────────┤ importing master hears it
///                                                   └──────────> .covered ──────────> .on(B)
///                                                                         confirmed
enum ShardChannel: Equatable, Sendable {
    /// Nobody has the slot, or its master turned the channel away.
    case nowhere
    /// Asked for at this master. Not heard.
    case asked(Address)
    /// Heard at this master.
    case on(Address)
    /// Heard at one master, and asked for at the one that has the slot now.
    case moving(from: Address, to: Address)
    /// Heard over the connection to the master that took the slot over, and asked for at the master of the map.
    case covered(askedAt: Address?)

    /// What happened.
    enum Event: Equatable, Sendable {
        /// The map gives the slot to this master, or to none.
        case map(Address?)
        /// This master confirmed the subscription.
        case confirmed(Address)
        /// This master ended the subscription: it has given the slot away. `isCovered`: the channel is heard at the
        /// master that takes the slot over.
        case ended(Address, isCovered: Bool)
        /// This master does not take the channel.
        case turnedAway(Address)
        /// The connection to this master is lost. It asks for its channels again by itself.
        case lost(Address)
        /// The connection to the master that took the slot over is lost.
        case coverLost
        /// Nobody wants the channel any more.
        case unwanted
    }

    /// What the loop must do.
    enum Effect: Equatable, Sendable {
        case subscribe(Address)
        case unsubscribe(Address)
        /// The loop hears the channel from now on.
        case tellHeard
        /// The loop does not hear the channel.
        case tellLost
        /// The loop may have missed messages, and hears all from now on.
        case tellChecked
        /// The map may be out of date.
        case doubtMap
    }

    /// Whether the loop hears the channel.
    var isHeard: Bool {
        switch self {
        case .on, .moving, .covered: true
        case .nowhere, .asked: false
        }
    }

    /// Where the channel is subscribed, or asked for.
    private var places: [Address] {
        switch self {
        case .nowhere, .covered(askedAt: nil): []
        case .asked(let place), .on(let place), .covered(askedAt: let place?): [place]
        case .moving(let from, let to): [from, to]
        }
    }

    /// The effects of an event, in order.
    mutating func receive(_ event: Event) -> [Effect] {
        switch event {
        case .map(let home): follow(home)
        case .confirmed(let place): confirm(place)
        case .ended(let place, let isCovered): end(place, isCovered)
        case .turnedAway(let place): turnAway(place)
        case .lost(let place): lose(place)
        case .coverLost: loseCover()
        case .unwanted: leave()
        }
    }

    private mutating func follow(_ home: Address?) -> [Effect] {
        switch self {
        case .nowhere:
            guard let home else { return [] }
            return become(.asked(home), [.subscribe(home)])
        case .asked(let place):
            guard home != place else { return [] }
            guard let home else { return become(.nowhere, [.unsubscribe(place)]) }
            return become(.asked(home), [.subscribe(home), .unsubscribe(place)])
        case .on(let place):
            // Without another home the last one is as good as any.
            guard let home, home != place else { return [] }
            return become(.moving(from: place, to: home), [.subscribe(home)])
        case .moving(let from, let to):
            guard home != to else { return [] }
            guard let home, home != from else { return become(.on(from), [.unsubscribe(to)]) }
            return become(.moving(from: from, to: home), [.subscribe(home), .unsubscribe(to)])
        case .covered(let place):
            guard home != place else { return [] }
            return become(.covered(askedAt: home), on(home) + off(place))
        }
    }

    private mutating func confirm(_ place: Address) -> [Effect] {
        switch self {
        case .asked(place): return become(.on(place), [.tellHeard])
        // The former home may have been silent for some time.
        case .moving(let from, place): return become(.on(place), [.unsubscribe(from), .tellChecked])
        case .covered(askedAt: place): return become(.on(place), [.tellChecked])
        case .nowhere, .asked, .on, .moving, .covered: return []
        }
    }

    /// Asks at the same place again: its answer names the slot's new master.
    private mutating func end(_ place: Address, _ isCovered: Bool) -> [Effect] {
        switch self {
        case .on(place):
            let next: Self = isCovered ? .covered(askedAt: place) : .asked(place)
            return become(next, (isCovered ? [] : [.tellLost]) + [.subscribe(place), .doubtMap])
        case .moving(place, let to):
            return isCovered ? become(.covered(askedAt: to), []) : become(.asked(to), [.tellLost])
        // The channel was left and asked for again in one turn, while this was on its way: no answer comes any more.
        case .asked(place), .moving(_, place), .covered(askedAt: place): return [.subscribe(place), .doubtMap]
        case .nowhere, .asked, .on, .moving, .covered: return []
        }
    }

    private mutating func turnAway(_ place: Address) -> [Effect] {
        switch self {
        case .asked(place): become(.nowhere, [.doubtMap])
        case .moving(let from, place): become(.on(from), [.doubtMap])
        case .covered(askedAt: place): become(.covered(askedAt: nil), [.doubtMap])
        case .nowhere, .asked, .on, .moving, .covered: []
        }
    }

    private mutating func lose(_ place: Address) -> [Effect] {
        switch self {
        case .on(place): become(.asked(place), [.tellLost])
        case .moving(place, let to): become(.asked(to), [.tellLost, .unsubscribe(place)])
        case .nowhere, .asked, .on, .moving, .covered: []
        }
    }

    private mutating func loseCover() -> [Effect] {
        guard case .covered(let place) = self else { return [] }
        return become(place.map { .asked($0) } ?? .nowhere, [.tellLost])
    }

    private mutating func leave() -> [Effect] {
        let places = places
        return become(.nowhere, places.map(Effect.unsubscribe))
    }

    private func on(_ place: Address?) -> [Effect] { place.map { [.subscribe($0)] } ?? [] }
    private func off(_ place: Address?) -> [Effect] { place.map { [.unsubscribe($0)] } ?? [] }

    private mutating func become(_ next: Self, _ effects: [Effect]) -> [Effect] {
        self = next
        return effects
    }
}
