import Hub

/// The running timers of one channel. The channel owns them.
final class ChannelTimers {
    private var linger: (any LoopTimer)?
    private var retry: (any LoopTimer)?
    private var missed: (any LoopTimer)?

    /// Sets `timer`, and cancels the timer of that kind that was running.
    func set(_ kind: ChannelTimer, _ timer: (any LoopTimer)?) {
        switch kind {
        case .linger: replace(&linger, timer)
        case .retry: replace(&retry, timer)
        case .missed: replace(&missed, timer)
        }
    }

    private func replace(_ old: inout (any LoopTimer)?, _ new: (any LoopTimer)?) {
        old?.cancel()
        old = new
    }
}

extension Channel {
    /// The channel's timers.
    var timers: ChannelTimers {
        if let attachment { return unsafeDowncast(attachment, to: ChannelTimers.self) }
        let timers = ChannelTimers()
        attachment = timers
        return timers
    }

    /// Cancels the channel's timers.
    func cancelTimers() {
        guard attachment != nil else { return }
        for kind in ChannelTimer.allCases { timers.set(kind, nil) }
    }
}
