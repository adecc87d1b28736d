public import Events

/// Where a viewer stands that is on its way into a channel.
public struct Newcomer: Equatable, Sendable {
    /// The last that the viewer was told, or has seen elsewhere; nil where it wants only the state.
    public var since: Position?
    /// Nothing is said to it when it comes in: it follows what is addressed to people, or has asked how a task stands.
    public var isQuiet = false
    /// The viewer has been told that it follows the channel, had more than it could take, and goes on from ``since``.
    public var isReturning = false
    /// The epoch that the viewer was told of last, where it is returning or comes from another.
    var toldEpoch: String?
    /// What the viewer is to be told of what cannot be told any more.
    var owed = ChannelSync.Owed()

    /// A viewer that comes for the first time.
    public init(since: Position?, isQuiet: Bool = false) {
        self.since = since
        self.isQuiet = isQuiet
    }

    /// A member that was set aside.
    public init(_ setAside: ChannelEffect.SetAside) {
        since = setAside.since
        isReturning = true
        toldEpoch = setAside.toldEpoch
        owed = setAside.owed
    }

    /// The same, at a place of a channel that stands at `now`: the viewer is told on from there. Of another epoch, that is the
    /// beginning of this one, and what was before it goes with the state.
    func placed(at now: Position) -> Newcomer {
        var newcomer = self
        let place = since ?? now
        if place.epoch == Position.anyEpoch {
            newcomer.since = Position(epoch: now.epoch, sequence: place.sequence)
        } else if place.epoch != now.epoch {
            newcomer.toldEpoch = toldEpoch ?? place.epoch
            newcomer.owed = ChannelSync.Owed()
            newcomer.owed.state = true
            newcomer.since = Position(epoch: now.epoch, sequence: 0)
        }
        return newcomer
    }

    /// Whether the viewer comes from an epoch that has begun after that of `now`, as another node may have told it. Epochs are
    /// times in base 36.
    func isAhead(of now: Position) -> Bool {
        guard let since, since.epoch != Position.anyEpoch else { return false }
        return (since.epoch.utf8.count, since.epoch) > (now.epoch.utf8.count, now.epoch)
    }

    /// What the next event that it is told must say of its epoch, and of what was missed before it.
    mutating func mark(_ delivery: inout Delivery) {
        if let toldEpoch, let epoch = delivery.position?.epoch, epoch != toldEpoch { delivery.epochMark = .changed }
        toldEpoch = delivery.position?.epoch
        delivery.missed = owed.missed
        owed.missed = 0
    }
}
