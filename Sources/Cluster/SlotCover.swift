/// Which connections hear an open slot at the master that takes it over: one, and the one before it until it hears as much. A
/// value that decides; connections go by numbers.
public struct SlotCover: Equatable, Sendable {
    /// What the loop must do.
    public enum Effect: Equatable, Sendable {
        /// Close the connection of that number.
        case close(Int)
        /// All channels of the slot are heard from now on: messages may have been missed.
        case tellHeard
        /// Channels of the slot are not heard any more.
        case tellLost
        /// Nothing is left: close all connections.
        case end
    }

    private struct Line: Equatable, Sendable {
        let number: Int
        let channels: Set<String>
        /// Channels that are not confirmed.
        var missing: Set<String>

        func hears(_ channel: String) -> Bool { channels.contains(channel) && !missing.contains(channel) }
    }

    private var line: Line
    /// The connection before.
    private var former: Line?

    /// A connection that asks for these channels.
    public init(_ number: Int, channels: Set<String>) {
        line = Line(number: number, channels: channels, missing: channels)
    }

    /// The channels that are heard or asked for.
    public var channels: Set<String> { line.channels }
    /// Whether all of them are heard.
    public var isHeard: Bool { line.missing.isEmpty }
    /// Whether a channel is heard.
    public func hears(_ channel: String) -> Bool { line.hears(channel) || former?.hears(channel) == true }

    /// Another connection asks for these channels, since Redis takes no more over the one that is there.
    public mutating func replace(by number: Int, channels: Set<String>) -> [Effect] {
        let last = line
        line = Line(number: number, channels: channels, missing: channels)
        guard last.missing.isEmpty else { return [.close(last.number)] }
        former = last
        return []
    }

    /// Redis confirmed a channel.
    public mutating func confirm(_ channel: String, over number: Int) -> [Effect] {
        guard number == line.number, line.missing.remove(channel) != nil, isHeard else { return [] }
        return (former.take().map { [.close($0.number)] } ?? []) + [.tellHeard]
    }

    /// A connection is lost, or Redis does not take a channel there, or not any more.
    public mutating func lose(_ number: Int) -> [Effect] {
        if number == line.number { return [.end] }
        guard number == former?.number else { return [] }
        former = nil
        return [.close(number), .tellLost]
    }
}
