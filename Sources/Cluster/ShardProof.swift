/// Decides how the connection for sharded channels to one master proves that it delivers: it can look healthy and
/// deliver nothing. It has a channel of its own in a slot of that master, to which the loop publishes.
public struct ShardProof: Equatable, Sendable {
    /// What happened.
    public enum Event: CaseIterable, Sendable {
        /// It is time to prove it.
        case due
        /// The master confirmed the channel.
        case confirmed
        /// The connection is lost. It asks for the channel again by itself.
        case disconnected
        /// The master does not have the channel's slot any more, or does not take the channel.
        case turnedAway
        /// The master took the message.
        case accepted
        /// The message has come.
        case heard
    }

    /// What the loop must do.
    public enum Action: Equatable, Sendable {
        /// Choose a channel in a slot of the master, and subscribe to it.
        case choose
        /// Publish a message to the channel.
        case publish
        /// Close the connection, and open another.
        case reconnect
    }

    enum State: CaseIterable {
        case none, asked, ready, sent, accepted
        /// The message did not come in one interval; messages before it may take longer.
        case late
    }

    private(set) var state = State.none

    /// No channel is chosen yet.
    public init() {}

    init(_ state: State) { self.state = state }

    /// What to do after an event; nil for nothing.
    public mutating func receive(_ event: Event) -> Action? {
        switch (event, state) {
        case (.due, .none): return become(.asked, .choose)
        case (.due, .ready), (.due, .sent): return become(.sent, .publish)
        case (.due, .accepted): return become(.late)
        case (.due, .late): return become(.asked, .reconnect)
        case (.confirmed, .asked): return become(.ready)
        case (.disconnected, .none): return nil
        case (.disconnected, _): return become(.asked)
        case (.turnedAway, _): return become(.none)
        case (.accepted, .sent): return become(.accepted)
        case (.heard, .sent), (.heard, .accepted), (.heard, .late): return become(.ready)
        case (.due, .asked), (.confirmed, _), (.accepted, _), (.heard, _): return nil
        }
    }

    private mutating func become(_ next: State, _ action: Action? = nil) -> Action? {
        state = next
        return action
    }
}
