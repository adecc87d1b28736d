import Events
import Dialects
import Hub

/// A viewer on its way into a channel.
struct Joiner {
    let viewer: any Viewer
    var since: Position?
    let request: RequestID?
    /// What the viewer is to get. A subscription is told so, anything else is quiet.
    var interest = Interest.events
    var isQuiet = false
    /// The viewer has been told that it follows the channel, had more than it could take, and goes on from `since`.
    var isReturning = false
    /// The epoch that the viewer was told of last, where it is returning or comes from another.
    var toldEpoch: String?
    /// What the viewer is to be told of what cannot be told any more.
    var owed = ChannelSync.Owed()
    /// Called once the viewer gets everything that comes.
    var didEnter: (() -> Void)?
    /// The viewer is here because it has asked how the task stands.
    var question: Question?
    var waitsFor = Cause.channel

    /// What a viewer waits for.
    enum Cause {
        /// The channel to be live.
        case channel
        /// What it missed, a part of which is being read.
        case history
        /// Its own connection, which has more to take first.
        case connection
        /// The answer to its question, which tells it of every change up to there.
        case answer
    }
}
