import EventLoop
import Hub

/// The timers of one channel that run. Kept beside the channel, and gone with it.
final class ChannelTimers {
    private var linger: Timer?
    private var retry: Timer?
    private var missed: Timer?

    /// Runs `timer` instead of one of that kind that runs.
    func set(_ kind: ChannelTimer, _ timer: Timer?) {
        switch kind {
        case .linger: replace(&linger, timer)
        case .retry: replace(&retry, timer)
        case .missed: replace(&missed, timer)
        }
    }

    private func replace(_ old: inout Timer?, _ new: Timer?) {
        old?.cancel()
        old = new
    }
}

extension Channel {
    /// Its timers.
    var timers: ChannelTimers {
        if let attachment { return unsafeDowncast(attachment, to: ChannelTimers.self) }
        let timers = ChannelTimers()
        attachment = timers
        return timers
    }

    /// Cancels its timers.
    func cancelTimers() {
        guard attachment != nil else { return }
        for kind in ChannelTimer.allCases { timers.set(kind, nil) }
    }
}
