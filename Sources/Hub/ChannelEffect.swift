public import Events

/// What is to be done for a channel, as ``ChannelState`` decides it.
///
/// A delivery has a dozen references, so it stands in a box: an effect that is handed on copies one.
public enum ChannelEffect {
    /// Gives a delivery to every member.
    indirect case tell(Delivery)
    /// Gives a delivery to every member. Whoever has asked how the task stands is then told that, as the answer.
    indirect case tellNews(Delivery)
    /// Tells every member that so many numbers, the last of them at the position, can no longer be told.
    case tellMissed(UInt64, Position)
    /// Tells whoever has asked how the task stands that it has changed.
    case answerQuestions
    /// Has members whose clients can acknowledge the delivery that they were just told.
    indirect case expectAcknowledgements(Delivery)
    /// Puts out members that may not watch a task of the owner that is known now.
    case putOutStrangers
    /// Takes out members that are behind. Each goes on from where it stands, in its turn, like one that comes back.
    case setAside(SetAside)
    /// Lets in the viewers that wait for the channel to be live.
    case letIn
    /// Refuses the viewers that wait for the channel.
    case refuseWaiting
    /// Writes what waits in outboxes now: viewers need not wait for other channels that are read in the same turn.
    case flush
    /// Calls ``ChannelState/read(at:hasMembers:using:)``: something is missing.
    case read
    /// Calls ``ChannelState/readOn(viewersAreBehind:at:hasMembers:using:)``: the history holds more.
    case readOn
    /// Asks Redis, and cancels ``ChannelTimer/retry``.
    case ask(ChannelQuestion)
    /// Begins a timer of so many milliseconds, instead of one that runs. When it fires, ``ChannelState/isDue(_:isUnwatched:)``
    /// is called.
    case begin(ChannelTimer, UInt64)
    /// Cancels a timer.
    case cancel(ChannelTimer)
    /// Counts, and logs, what was not delivered.
    case count(Rejection)
    /// Counts a channel that was behind Redis without a sign.
    case countBehind
    /// Tells whoever counts users that announcements may have gone by unheard.
    case announcementsMissed
    /// Gives the channel up.
    case close

    /// Why a payload was not delivered.
    public enum Rejection: Equatable, Sendable {
        /// It begins like an envelope and is none.
        case forged
        /// It is no event, for this reason.
        case invalid(String)
        /// It is a plain event of a task that has ended.
        case afterEnd
    }

    /// Where members that are set aside go on.
    public struct SetAside: Equatable, Sendable {
        /// The place after which they are told everything.
        public let since: Position
        /// The epoch that they were told of last.
        public let toldEpoch: String
        /// What they are to be told of what cannot be told any more.
        public let owed: ChannelSync.Owed
    }
}

/// A question to Redis: what a channel has after a place.
public struct ChannelQuestion: Equatable, Sendable {
    /// Only the answer to the last question counts.
    public let number: Int
    /// The place; nil where only the channel's own place is asked for.
    public let since: Position?
}

/// The timers of a channel.
public enum ChannelTimer: CaseIterable, Sendable {
    /// Gives the channel up once nobody has watched it for a while.
    case linger
    /// Asks Redis again.
    case retry
    /// Tells the members what they have missed, where no message comes that says so.
    case missed
}

/// Effects in the order in which they are to be done. A single one, as most messages have it, takes no allocation.
public struct ChannelEffects {
    private var first: ChannelEffect?
    private var rest: [ChannelEffect] = []

    /// Nothing to do.
    init() {}

    /// One effect.
    init(_ effect: ChannelEffect) { first = effect }

    mutating func append(_ effect: ChannelEffect) {
        if first == nil { first = effect } else { rest.append(effect) }
    }

    /// Calls `body` with each, in order.
    public func forEach(_ body: (ChannelEffect) -> Void) {
        guard let first else { return }
        body(first)
        for effect in rest { body(effect) }
    }
}
