public import Events

/// The position of a viewer that is being admitted to a channel.
public struct Newcomer: Equatable, Sendable {
    /// The last event that the viewer was told or saw elsewhere; nil where it wants only the state.
    public var since: Position?
    /// The viewer gets no confirmation: it takes messages to people, or asked how a task stands.
    public var isQuiet = false
    /// The viewer was told that it follows the channel, fell behind, and continues from ``since``.
    public var isReturning = false
    /// The epoch that the viewer was last told of, where it returns or comes from another.
    var toldEpoch: String?
    /// The gap that the viewer is still to be told of.
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

    /// The same viewer in a channel that stands at `now`. A viewer of another epoch starts at the beginning of this
    /// one, and the state tells it what came before.
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

    /// Whether the viewer's epoch began after that of `now`: another node may have told it. Epochs are times in base
    /// 36.
    func isAhead(of now: Position) -> Bool {
        guard let since, since.epoch != Position.anyEpoch else { return false }
        return (since.epoch.utf8.count, since.epoch) > (now.epoch.utf8.count, now.epoch)
    }

    /// Adds to its next event what that must say of its epoch, and of the gap before it.
    mutating func mark(_ delivery: inout Delivery) {
        if let toldEpoch, let epoch = delivery.position?.epoch, epoch != toldEpoch { delivery.epochMark = .changed }
        toldEpoch = delivery.position?.epoch
        delivery.missed = owed.missed
        owed.missed = 0
    }
}
