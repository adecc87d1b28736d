public import Events

/// What the loop must do for a channel, as ``ChannelState`` decides.
public enum ChannelEffect {
    /// Gives a delivery to every member.
    case tell(Delivery)
    /// Gives a delivery to every member, and then to each viewer that waits for the task's status, as its answer.
    case tellNews(Delivery)
    /// Tells every member that it missed so many events, the last of them at the position, and that they are lost.
    case tellMissed(UInt64, Position)
    /// Answers the viewers that wait for the task's status: the task changed.
    case answerQuestions
    /// Expects acknowledgements of the delivery from members whose dialect has them.
    case expectAcknowledgements(Delivery)
    /// Removes members that may not watch a task of this owner.
    case putOutStrangers
    /// Removes members that are behind. Each goes on from its position, in its turn, like a viewer that comes back.
    case setAside(SetAside)
    /// Admits the viewers that wait for the channel to be live.
    case letIn
    /// Refuses the viewers that wait for the channel.
    case refuseWaiting
    /// Writes the outboxes now: viewers need not wait for other channels that are read in the same turn.
    case flush
    /// Calls ``ChannelState/read(at:hasMembers:using:)``: events are missing.
    case read
    /// Calls ``ChannelState/readOn(viewersAreBehind:at:hasMembers:using:)``: the history holds more.
    case readOn
    /// Asks Redis, and cancels ``ChannelTimer/retry``.
    case ask(ChannelQuestion)
    /// Starts a timer of so many milliseconds, in place of the running one. When it fires, the loop calls
    /// ``ChannelState/isDue(_:isUnwatched:)``.
    case begin(ChannelTimer, UInt64)
    /// Cancels a timer.
    case cancel(ChannelTimer)
    /// Counts and logs a payload that was not delivered.
    case count(Rejection)
    /// Counts a channel that was behind Redis, where no message had revealed it.
    case countBehind
    /// Tells the connections that count users that they may have missed announcements.
    case announcementsMissed
    /// Closes the channel.
    case close

    /// Why a payload was not delivered.
    public enum Rejection: Equatable, Sendable {
        /// It starts like an envelope and is none.
        case forged
        /// It is no event, for this reason.
        case invalid(String)
        /// It is a plain event of a task that has ended.
        case afterEnd
    }

    /// Where members that are set aside continue.
    public struct SetAside: Equatable, Sendable {
        /// The position after which they get every event.
        public let since: Position
        /// The epoch that they were last told of.
        public let toldEpoch: String
        /// The gap that they are still to be told of.
        public let owed: ChannelSync.Owed
    }
}

/// A question to Redis: what a channel has after a position.
public struct ChannelQuestion: Equatable, Sendable {
    /// Only the answer to the last question counts.
    public let number: Int
    /// The position; nil where the loop only asks for the channel's own.
    public let since: Position?
}

/// The timers of a channel.
public enum ChannelTimer: CaseIterable, Sendable {
    /// Closes the channel after a while without viewers.
    case linger
    /// Asks Redis again.
    case retry
    /// Tells the members what they missed, where no message follows that does.
    case missed
}

/// Effects in the order in which they must happen. Most messages have a single one, which takes no allocation.
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
