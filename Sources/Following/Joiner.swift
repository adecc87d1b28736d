import Dialects
import Events
import Hub

/// A viewer that is being admitted to a channel.
struct Joiner {
    let viewer: any Viewer
    let request: RequestID?
    /// Its position, and what it was told.
    var newcomer: Newcomer
    /// What the viewer takes. The node confirms a subscription; it says nothing of other interests.
    var interest = Interest.events
    /// Called once the viewer gets every event.
    var didEnter: (() -> Void)?
    /// The viewer's question how the task stands, where it came for that.
    var question: Question?
    var waitsFor = Cause.channel

    /// What a viewer waits for.
    enum Cause: CaseIterable {
        /// The channel is not live yet.
        case channel
        /// The loop reads a part of the history that the viewer missed.
        case history
        /// The viewer's connection must first take what was sent before.
        case connection
        /// The answer to its question includes every change up to then.
        case answer
    }

    /// What a viewer gets when its turn to enter a live channel has come.
    enum Welcome: Equatable {
        /// Nothing: its connection takes no more events.
        case gone
        /// The refusal: it may not watch the channel.
        case stranger
        /// Nothing before the answer to its question; until then it is no member.
        case asker
        /// Nothing: it did not ask for a confirmation.
        case silent
        /// The confirmation, then the state.
        case newcomer
        /// What it missed, then the state: it had its confirmation before it fell behind.
        case returning
    }

    /// The welcome of this viewer, by what its connection says now.
    func welcome(isListening: Bool, mayWatch: Bool) -> Welcome {
        guard isListening else { return .gone }
        guard mayWatch else { return .stranger }
        if question != nil { return .asker }
        if newcomer.isQuiet { return .silent }
        return newcomer.isReturning ? .returning : .newcomer
    }
}
