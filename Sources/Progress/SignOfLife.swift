/// Decides when a line without a number is worth telling: a program that tells no numbers, or none any more, is alive.
public struct SignOfLife: Sendable {
    /// Milliseconds after a number, in which lines without one are not told: the number's own line says more.
    public static let quietMilliseconds: UInt64 = 10_000

    private var lastNumber: UInt64?
    private var lastTold = ""

    /// Nothing was seen yet.
    public init() {}

    /// A number was seen at this time, in milliseconds.
    public mutating func sawNumber(at now: UInt64) { lastNumber = now }

    /// A line without a number was seen: what to tell, nil where it is nothing, or nothing new.
    public mutating func saw(_ line: String, at now: UInt64) -> Reading? {
        if let lastNumber, now < lastNumber &+ Self.quietMilliseconds { return nil }
        guard !line.isEmpty, line != lastTold else { return nil }
        lastTold = line
        var reading = Reading(message: line)
        reading.isSignOfLife = true
        return reading
    }
}
