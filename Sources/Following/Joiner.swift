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
    enum Cause {
        /// The channel is not live yet.
        case channel
        /// The loop reads a part of the history that the viewer missed.
        case history
        /// The viewer's connection must first take what was sent before.
        case connection
        /// The answer to its question includes every change up to then.
        case answer
    }
}
