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
