public import Events

/// A channel with viewers on this loop: what the loop knows of it, and its members.
///
/// Confined to its loop.
public final class Channel {
    /// What the loop knows of the channel and decides by.
    public var state: ChannelState
    /// The channel's name in Redis, prefix included.
    public let redisName: String
    /// What the channel's opener keeps beside it.
    public var attachment: AnyObject?

    /// Frames of this channel that may replace each other.
    let conflationKey: Outbox.ConflationKey
    // Unchecked: each event reads them. A viewer that overflows leaves meanwhile, so fan-out walks through a copy.

    /// The members by shape; a shape without members has no room.
    @exclusivity(unchecked)
    var rooms = ContiguousArray<Room>()

    /// The members of one shape.
    struct Room {
        let shape: Shape
        var members: ContiguousArray<Subscriber>
    }

    /// The name that clients use, without the prefix in Redis.
    public var name: ChannelName { state.name }

    /// How many subscribers it has on this loop.
    public var memberCount: Int { rooms.reduce(0) { $0 + $1.members.count } }

    init(name: ChannelName, redisName: String, number: UInt32) {
        state = ChannelState(name: name)
        self.redisName = redisName
        conflationKey = Outbox.ConflationKey(number: number)
    }

    /// Adds a member and tells it its seat.
    func seat(_ subscriber: Subscriber, shape: Shape) {
        let room = room(of: shape) ?? open(shape)
        subscriber.seats.append(Subscriber.Seat(channel: self, shape: shape, index: rooms[room].members.count))
        rooms[room].members.append(subscriber)
    }

    /// Takes out the member of a seat; the last one of its room moves into it.
    func unseat(_ seat: Subscriber.Seat) {
        guard let room = room(of: seat.shape) else { return }
        let last = rooms[room].members.removeLast()
        if seat.index < rooms[room].members.count {
            rooms[room].members[seat.index] = last
            for place in last.seats.indices where last.seats[place].channel === self {
                last.seats[place].index = seat.index
            }
        }
        if rooms[room].members.isEmpty { rooms.remove(at: room) }
    }

    /// The number of members that take events.
    public var viewerCount: Int {
        rooms.reduce(0) { $0 + ($1.shape.interest.contains(.events) ? $1.members.count : 0) }
    }

    /// All members.
    public var subscribers: [Subscriber] { rooms.flatMap(\.members) }

    /// The members that take its events.
    public var viewers: [Subscriber] {
        rooms.filter { $0.shape.interest.contains(.events) }.flatMap(\.members)
    }

    /// The members that take events in a dialect whose clients acknowledge them.
    public var acknowledgingSubscribers: [Subscriber] {
        rooms.filter { $0.shape.acknowledges && $0.shape.interest.contains(.events) }.flatMap(\.members)
    }

    private func room(of shape: Shape) -> Int? { rooms.firstIndex { $0.shape == shape } }

    private func open(_ shape: Shape) -> Int {
        rooms.append(Room(shape: shape, members: []))
        return rooms.count - 1
    }
}

extension Channel: Hashable {
    /// Two channels are equal only if they are the same object.
    public static func == (one: Channel, other: Channel) -> Bool { one === other }

    /// By its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

@available(*, unavailable)
extension Channel: Sendable {}
