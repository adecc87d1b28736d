/// Decides when a line without a number is worth telling: a program that tells no numbers, or none any more, is alive.
public struct SignOfLife: Sendable {
    /// Milliseconds after a number, in which lines without one are not told: the number's own line says more.
    public static let quietMilliseconds: UInt64 = 10_000

    private var lastNumber: UInt64?
    private var lastTold = ""
    /// Whether a line was seen that is not yet told.
    private var hasWaiting = false

    /// Nothing was seen yet.
    public init() {}

    /// A number was seen at this time, in milliseconds.
    public mutating func sawNumber(at now: UInt64) { lastNumber = now }

    /// The last line without a number, at this time: what to tell, nil where it is nothing, nothing new, or too early.
    public mutating func saw(_ line: String, at now: UInt64) -> Reading? {
        hasWaiting = false
        guard !line.isEmpty, line != lastTold else { return nil }
        guard quiet(at: now) == 0 else {
            hasWaiting = true
            return nil
        }
        lastTold = line
        var reading = Reading(message: line)
        reading.isSignOfLife = true
        return reading
    }

    /// Milliseconds until a line that was seen too early may be told; nil where there is none.
    public func pause(at now: UInt64) -> UInt64? { hasWaiting ? quiet(at: now) : nil }

    /// Milliseconds until the last number is old.
    private func quiet(at now: UInt64) -> UInt64 {
        guard let lastNumber else { return 0 }
        let age = now > lastNumber ? now - lastNumber : 0
        return age < Self.quietMilliseconds ? Self.quietMilliseconds - age : 0
    }
}
