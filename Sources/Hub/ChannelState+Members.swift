import Events

/// Members that come and go, and the timers.
extension ChannelState {
    /// A viewer wants to follow the channel: the channel stays open.
    public mutating func willJoin() -> ChannelEffects {
        guard isLingering else { return ChannelEffects() }
        isLingering = false
        return ChannelEffects(.cancel(.linger))
    }

    /// A viewer becomes a member. What earlier members missed does not concern it.
    public mutating func willSeat(_ newcomer: Newcomer, isFirst: Bool) -> ChannelEffects {
        var effects = ChannelEffects()
        tellMissed(&effects)
        // The first member was told the channel's position on admission.
        if isFirst { toldEpoch = sync.position?.epoch }
        // A viewer from another epoch that was not told of this one learns of it from the next event.
        if let told = newcomer.toldEpoch, told != sync.position?.epoch, lastWords(for: newcomer) == nil {
            toldEpoch = told
        }
        return effects
    }

    /// A member left. The channel closes after a while without viewers: a page reload comes back sooner.
    public mutating func didLeave(isUnwatched: Bool, using resources: ChannelResources) -> ChannelEffects {
        // The timer starts once: restarted by each leaving viewer, it would never fire while viewers come and go.
        guard isUnwatched, !isLingering else { return ChannelEffects() }
        isLingering = true
        return ChannelEffects(.begin(.linger, resources.limits.lingerMilliseconds))
    }

    /// A timer fired.
    public mutating func isDue(_ timer: ChannelTimer, isUnwatched: Bool) -> ChannelEffects {
        var effects = ChannelEffects()
        switch timer {
        case .linger:
            isLingering = false
            if isUnwatched { effects.append(.close) }
        case .retry: if sync.isReading || sync.isCheckDue { effects.append(look()) }
        case .missed: tellMissed(&effects)
        }
        return effects
    }
}
