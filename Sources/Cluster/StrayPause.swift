/// The pause before channels of a slot that a master turned away are asked for again: it doubles each time, until some
/// time has passed without one. Milliseconds of a monotonic clock.
public struct StrayPause: Equatable, Sendable {
    static let shortest: UInt64 = 20
    static let longest: UInt64 = 2_000

    private var next = shortest
    private var last: UInt64?

    /// No channel was turned away yet.
    public init() {}

    /// The length of the pause that begins now.
    public mutating func begin(at now: UInt64) -> UInt64 {
        if isOver(at: now) { next = Self.shortest }
        defer { (last, next) = (now, min(Self.longest, next * 2)) }
        return next
    }

    /// Whether so much time has passed that the next pause is short.
    public func isOver(at now: UInt64) -> Bool { last.map { now - $0 > 2 * Self.longest } ?? true }
}
