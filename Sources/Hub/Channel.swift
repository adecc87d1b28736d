public import Dialects

/// A channel that somebody on this loop watches, and what the loop knows of it.
///
/// Confined to its loop.
public final class Channel {
    /// Its name.
    public let name: ChannelName
    /// How the channel is spelled in Redis, prefix included.
    public let redisName: String

    /// What the last events said (RULES 9), for those that leave it out and for viewers that come later.
    public var knowledge = TaskKnowledge()
    /// The last state-bearing event: what a viewer that comes now is told.
    public var state: Delivery?
    /// Where the loop stands in the channel's sequence.
    public var sync = ChannelSync()

    /// Frames of this channel that may replace each other.
    let conflationKey: Outbox.ConflationKey
    var members: [ContiguousArray<Subscriber>]

    /// How many subscribers it has on this loop.
    public internal(set) var memberCount = 0

    init(name: ChannelName, redisName: String, number: UInt32) {
        self.name = name
        self.redisName = redisName
        conflationKey = Outbox.ConflationKey(number: number)
        members = Array(repeating: [], count: Shape.count)
    }

    /// Adds a member and tells it its seat.
    func seat(_ subscriber: Subscriber, shape: Shape) {
        subscriber.seats.append(Subscriber.Seat(channel: self, index: members[shape.index].count))
        members[shape.index].append(subscriber)
        memberCount += 1
    }

    /// Takes out the member at `index`; the last one moves into its seat.
    func unseat(at index: Int, shape: Shape) {
        let last = members[shape.index].removeLast()
        memberCount -= 1
        guard index < members[shape.index].count else { return }
        members[shape.index][index] = last
        for seat in last.seats.indices where last.seats[seat].channel === self { last.seats[seat].index = index }
    }
}

@available(*, unavailable)
extension Channel: Sendable {}
