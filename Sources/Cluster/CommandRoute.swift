/// Decides where a command to a Redis Cluster goes after a redirection, and when it fails. Times are milliseconds of a
/// monotonic clock.
public struct CommandRoute: Equatable, Sendable {
    /// The next step for the command.
    public enum Step: Equatable, Sendable {
        /// Send the command to the master of its slot, by the current map.
        case home
        /// Send the command to this server, behind ASKING.
        case ask(Address)
        /// Wait this long, then send the command to the master of its slot.
        case wait(milliseconds: UInt64)
        /// Wait for a new map, then send the command to the master of its slot.
        case map
        /// Fail the command with the error of Redis.
        case giveUp
    }

    /// Redirections of a command without a pause: two servers with different maps would send it to and fro.
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

    /// The route of a command that was not sent yet.
    public init(at now: UInt64) { begun = now }

    /// A server redirected the command. `isMaster` says whether the map has a master at that address.
    public mutating func receive(
        _ redirection: Redirection, at now: UInt64, isMaster: (Address) -> Bool
    ) -> Step {
        switch redirection {
        // A replica may have become a master just now: its data may be behind that of the master before. Only a new map
        // tells that from a moved slot.
        case .moved(_, let address): hop(address.map(isMaster) == true ? .home : .map)
        case .ask(_, let address?): hop(.ask(address))
        // The server does not know the other one's address yet; no map has it either while the slot is open.
        case .ask(_, nil), .tryAgain: wait(Self.openWaits, until: Self.openMilliseconds, now)
        case .down, .notServing: wait(Self.downWaits, until: Self.downMilliseconds, now)
        case .crossSlot: .giveUp
        }
    }

    private mutating func hop(_ step: Step) -> Step {
        hops += 1
        return hops <= Self.maxHops ? step : .giveUp
    }

    /// Doubles the wait each time, up to the deadline.
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
    /// Whether the redirection shows that the map may be out of date.
    public var doubtsMap: Bool {
        switch self {
        case .moved, .down, .notServing: true
        case .ask, .tryAgain, .crossSlot: false
        }
    }
}
