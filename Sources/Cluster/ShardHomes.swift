public import RESP

/// Where a loop hears each of its sharded channels: at the master of its slot, also after slots or masters have changed.
///
/// A value without I/O. Each function takes what happened and returns the effects, in order.
public struct ShardHomes: Sendable {
    /// What the loop must do.
    public enum Effect: Equatable, Sendable {
        /// Subscribe to the channel at this master.
        case subscribe(String, at: Address)
        /// Unsubscribe from the channel at this master.
        case unsubscribe(String, at: Address)
        /// The loop hears the channel from now on.
        case tellHeard(String)
        /// The loop does not hear the channel until it is told so.
        case tellLost(String)
        /// The loop may have missed messages of the channel, and hears all from now on.
        case tellChecked(String)
        /// Ask the cluster for its map.
        case doubtMap
    }

    private var slots: [HashSlot: [String: ShardChannel]] = [:]

    /// No channel is wanted.
    public init() {}

    /// The slots with wanted channels.
    public var wantedSlots: [HashSlot] { Array(slots.keys) }
    /// The wanted channels of a slot.
    public func channels(of slot: HashSlot) -> Set<String> { Set((slots[slot] ?? [:]).keys) }
    /// Whether all wanted channels of a slot are heard at `home`, and nowhere else.
    public func areSettled(_ slot: HashSlot, at home: Address?) -> Bool {
        (slots[slot] ?? [:]).values.allSatisfy { home.map(ShardChannel.on) == $0 }
    }

    /// Somebody wants a channel, whose slot is at `home`.
    public mutating func want(_ channel: String, home: Address?) -> [Effect] {
        let slot = HashSlot.of(channel)
        guard slots[slot]?[channel] == nil else { return [] }
        slots[slot, default: [:]][channel] = .nowhere
        return receive(.map(home), channel, slot)
    }

    /// Nobody wants a channel any more.
    public mutating func drop(_ channel: String) -> [Effect] {
        let slot = HashSlot.of(channel)
        defer {
            slots[slot]?[channel] = nil
            if slots[slot]?.isEmpty == true { slots[slot] = nil }
        }
        return receive(.unwanted, channel, slot)
    }

    /// The map gives a slot to this master, or to none.
    public mutating func adopt(_ home: Address?, of slot: HashSlot) -> [Effect] { receive(.map(home), slot) }

    /// A master has confirmed a channel.
    public mutating func confirm(_ channel: String, at place: Address) -> [Effect] {
        receive(.confirmed(place), channel, HashSlot.of(channel))
    }

    /// A master has given the channel's slot away. `isCovered`: the channel is heard at the master that takes it over.
    public mutating func end(_ channel: String, at place: Address, isCovered: Bool) -> [Effect] {
        receive(.ended(place, isCovered: isCovered), channel, HashSlot.of(channel))
    }

    /// A master does not take a channel.
    public mutating func turnAway(_ channel: String, at place: Address) -> [Effect] {
        receive(.turnedAway(place), channel, HashSlot.of(channel))
    }

    /// The connection to a master is lost.
    public mutating func lose(at place: Address) -> [Effect] {
        slots.keys.flatMap { receive(.lost(place), $0) }
    }

    /// The connection to the master that takes over a slot is lost.
    public mutating func loseCover(of slot: HashSlot) -> [Effect] { receive(.coverLost, slot) }

    /// The loop may have missed messages of a slot.
    public func check(_ slot: HashSlot) -> [Effect] {
        (slots[slot] ?? [:]).filter(\.value.isHeard).keys.map(Effect.tellChecked)
    }

    private mutating func receive(_ event: ShardChannel.Event, _ slot: HashSlot) -> [Effect] {
        channels(of: slot).flatMap { receive(event, $0, slot) }
    }

    private mutating func receive(_ event: ShardChannel.Event, _ channel: String, _ slot: HashSlot) -> [Effect] {
        (slots[slot]?[channel]?.receive(event) ?? []).map { effect in
            switch effect {
            case .subscribe(let place): .subscribe(channel, at: place)
            case .unsubscribe(let place): .unsubscribe(channel, at: place)
            case .tellHeard: .tellHeard(channel)
            case .tellLost: .tellLost(channel)
            case .tellChecked: .tellChecked(channel)
            case .doubtMap: .doubtMap
            }
        }
    }
}
