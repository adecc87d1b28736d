import Events
import Dialects
import EventLoop
import Hub

/// What is going on around one channel: its reads and its timers. Kept beside the channel, and gone with it.
final class Follow {
    /// Gives the channel up once nobody has watched it for a while. Nil while somebody watches.
    var linger: Timer?
    var retry: Timer?
    /// Tells the members what they have missed, where no message comes that says so.
    var missed: Timer?
    /// Only the answer to the last read counts.
    var readNumber = 0
    var lastRead: UInt64 = 0
    /// The owner is that of data which is lost: the next that is known counts, whoever watches now.
    var ownerIsLost = false
    /// Redis does not let this node subscribe.
    var isRefused = false

    /// Somebody watches again, or the channel is given up now.
    func stopLingering() {
        linger?.cancel()
        linger = nil
    }

    /// A viewer that waits to be let in.
    struct Joiner {
        let connection: Connection
        var since: Position?
        let request: RequestID?
        /// What it is to get; a subscription is told so, anything else is quiet.
        var interest = Interest.events
        var isQuiet = false
        /// It has been told that it follows the channel, had more than it could take, and goes on from `since`.
        var isReturning = false
        /// The epoch it was told of last, where it is returning or comes from another.
        var toldEpoch: String?
        /// What it is to be told of what cannot be told any more.
        var owed = ChannelSync.Owed()
        var didEnter: (() -> Void)?
        /// It is here because it has asked how the task stands.
        var question: Question?
        var waitsFor = Waiting.channel
    }

    /// What a viewer waits for.
    enum Waiting {
        /// The channel to be live.
        case channel
        /// What it missed, a part of which is being read.
        case history
        /// Its own connection, which has more to take first.
        case connection
        /// The answer to its question: that tells it of every change up to there.
        case answer
    }

    /// A client's question how a task stands. It is answered once, whatever answers it.
    final class Question {
        let request: RequestID?
        /// The connection was told before, and wants to know more.
        let isRepeated: Bool
        var isAnswered = false

        init(_ request: RequestID?, isRepeated: Bool) {
            self.request = request
            self.isRepeated = isRepeated
        }
    }
}

extension Channel {
    /// What is going on around it.
    var follow: Follow {
        if let attachment { return unsafeDowncast(attachment, to: Follow.self) }
        let follow = Follow()
        attachment = follow
        return follow
    }
}
