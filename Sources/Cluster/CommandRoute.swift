/// One command's way through a Redis Cluster: where it goes next after it was sent away, and when it is given up. Milliseconds by a
/// clock that never goes back.
public struct CommandRoute: Equatable, Sendable {
    /// What is done next with the command.
    public enum Step: Equatable, Sendable {
        /// Send it to the master that keeps its slot, by the map as it is now.
        case home
        /// Send it to this one, behind ASKING.
        case ask(Address)
        /// Wait so long, then send it home.
        case wait(milliseconds: UInt64)
        /// Wait for a new map, then send it home.
        case map
        /// Its publisher is told what Redis said.
        case giveUp
    }

    /// Times that a command is sent on without a pause: two servers that know different maps would send it to and fro.
    static let maxHops = 5
    /// How long a slot may be open with this command's keys on both sides of it.
    static let openMilliseconds: UInt64 = 5_000
    /// How long a slot may be without a master.
    static let downMilliseconds: UInt64 = 1_000
    /// The bounds of the waits while a slot is open.
    static let openWaits: ClosedRange<UInt64> = 20...500
    /// The bounds of the waits while a slot has no master.
    static let downWaits: ClosedRange<UInt64> = 100...2_000

    private let begun: UInt64
    private var hops = 0
    private var waits = 0

    /// A command that is sent for the first time.
    public init(at now: UInt64) { begun = now }

    /// The command was sent away. `isMaster`: whether the map knows that address as a master's.
    public mutating func receive(
        _ redirection: Redirection, at now: UInt64, isMaster: (Address) -> Bool
    ) -> Step {
        switch redirection {
        // A master that was not known as one may have been promoted just now: what it has may be behind, and what was known of the
        // one before it counts no longer. The map says so.
        case .moved(_, let address): hop(address.map(isMaster) == true ? .home : .map)
        case .ask(_, let address): hop(address.map(Step.ask) ?? .map)
        case .tryAgain: wait(Self.openWaits, until: Self.openMilliseconds, now)
        case .down, .notServing: wait(Self.downWaits, until: Self.downMilliseconds, now)
        case .crossSlot: .giveUp
        }
    }

    private mutating func hop(_ step: Step) -> Step {
        hops += 1
        return hops <= Self.maxHops ? step : .giveUp
    }

    /// Twice as long each time, and not beyond the end.
    private mutating func wait(_ bounds: ClosedRange<UInt64>, until most: UInt64, _ now: UInt64) -> Step {
        let spent = now - begun
        guard spent < most else { return .giveUp }
        let wait = min(bounds.upperBound, bounds.lowerBound << UInt64(min(waits, 16)), most - spent)
        waits += 1
        hops = 0
        return .wait(milliseconds: wait)
    }
}

extension Redirection {
    /// Whether the map may be out of date.
    public var doubtsMap: Bool {
        switch self {
        case .moved, .down, .notServing: true
        case .ask, .tryAgain, .crossSlot: false
        }
    }
}
