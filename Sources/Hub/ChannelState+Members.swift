import Events

/// Members that come and go, and the timers.
extension ChannelState {
    /// Somebody wants to follow the channel: it is not given up.
    public mutating func willJoin() -> ChannelEffects {
        guard isLingering else { return ChannelEffects() }
        isLingering = false
        return ChannelEffects(.cancel(.linger))
    }

    /// A viewer gets everything from now on. What those have missed who were there before is nothing that this one has.
    public mutating func willSeat(_ newcomer: Newcomer, isFirst: Bool) -> ChannelEffects {
        var effects = ChannelEffects()
        tellMissed(&effects)
        // The first member was told where the channel stands when it was let in.
        if isFirst { toldEpoch = sync.position?.epoch }
        // A viewer from another epoch to which nothing could be said of this one learns of it by the next event.
        if let told = newcomer.toldEpoch, told != sync.position?.epoch, lastWords(for: newcomer) == nil {
            toldEpoch = told
        }
        return effects
    }

    /// Somebody has left. The channel is given up a little later where nobody is left: a page reload comes back sooner.
    public mutating func didLeave(isUnwatched: Bool, using resources: ChannelResources) -> ChannelEffects {
        // Begun once: were it begun anew whenever others leave, it would never be over while they come and go.
        guard isUnwatched, !isLingering else { return ChannelEffects() }
        isLingering = true
        return ChannelEffects(.begin(.linger, resources.limits.lingerMilliseconds))
    }

    /// A timer has fired.
    public mutating func isDue(_ timer: ChannelTimer, isUnwatched: Bool) -> ChannelEffects {
        var effects = ChannelEffects()
        switch timer {
        case .linger:
            isLingering = false
            if isUnwatched { effects.append(.close) }
        case .retry: if sync.isReading { effects.append(.read) }
        case .missed: tellMissed(&effects)
        }
        return effects
    }
}
