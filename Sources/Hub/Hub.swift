public import Base
public import Events

/// The channels, members and outboxes of one loop, and the fan-out between them.
///
/// Confined to its loop, without I/O: it says which outboxes to write (``flush()`` calls their owners) and which
/// channels got their first or lost their last member.
///
/// Fan-out costs one reference per member: members share the frame's bytes, and each outbox is written once per flush,
/// however many frames it holds.
public final class Hub {
    /// What the hub has counted since it was made.
    public struct Counters: Equatable, Sendable {
        /// Frames put into outboxes by fan-out.
        public var deliveries: UInt64 = 0
        /// Of these, how many replaced an older one.
        public var conflated: UInt64 = 0
        /// Outboxes that exceeded their hard limit.
        public var overflows: UInt64 = 0
    }

    // Unchecked where fan-out touches it for every member; see Subscriber.

    /// What the hub has counted.
    @exclusivity(unchecked)
    public private(set) var counters = Counters()

    let limits: OutboxLimits
    private var table = ChannelTable()
    private var lastNumber: UInt32 = 0
    @exclusivity(unchecked)
    private var dirty = ContiguousArray<Subscriber>()
    private var batching = ContiguousArray<Subscriber>()
    private var flushing = ContiguousArray<Subscriber>()
    @exclusivity(unchecked)
    private var overflowed: [Subscriber] = []

    /// An empty hub.
    public init(limits: OutboxLimits = OutboxLimits()) {
        self.limits = limits
    }

    // MARK: Channels

    /// How many channels have members.
    public var channelCount: Int { table.count }
    /// How many viewers follow tasks and topics; a viewer counts once for each.
    package var subscriptionCount: Int { table.all.reduce(0) { $0 + ($1.name.isPersonal ? 0 : $1.viewerCount) } }

    /// Every channel, in no order.
    public var channels: [Channel] { table.all }

    /// The channel of that Redis name, found without making a String.
    public func channel(_ redisName: UnsafeRawBufferPointer) -> Channel? { table.find(redisName) }

    /// The channel of that Redis name.
    public func channel(_ redisName: String) -> Channel? { table.find(redisName) }

    /// Whether the channel has not been closed.
    public func isOpen(_ channel: Channel) -> Bool { table.find(channel.redisName) === channel }

    /// The channel of that name, made where there is none.
    public func openChannel(_ name: ChannelName, redisName: String) -> (channel: Channel, isNew: Bool) {
        if let channel = table.find(redisName) { return (channel, false) }
        lastNumber = lastNumber == .max ? 1 : lastNumber + 1
        let channel = Channel(name: name, redisName: redisName, number: lastNumber)
        table.insert(channel)
        return (channel, true)
    }

    /// Forgets a channel that has no members.
    public func closeChannel(_ channel: Channel) {
        precondition(channel.memberCount == 0, "Hub: \(channel.redisName) still has members")
        table.remove(channel)
        // A viewer that waited for the channel may hold it for longer; its events must not use up the loop's memory.
        channel.state.recent = nil
    }

    // MARK: Members

    /// Whether `subscriber` is a member of `channel`.
    public func isMember(_ subscriber: Subscriber, of channel: Channel) -> Bool {
        subscriber.seats.contains { $0.channel === channel }
    }

    /// What `subscriber` takes of `channel`; empty where it is no member.
    public func interest(of subscriber: Subscriber, in channel: Channel) -> Interest {
        subscriber.seats.first { $0.channel === channel }?.shape.interest ?? []
    }

    /// `subscriber` takes `interest` of `channel` from now on, beside what it took before. Doing it twice changes
    /// nothing.
    public func join(_ subscriber: Subscriber, _ channel: Channel, taking interest: Interest = .events) {
        guard let shape = subscriber.shape else { preconditionFailure("Hub: joined before the dialect was known") }
        let before = self.interest(of: subscriber, in: channel)
        guard !before.isSuperset(of: interest) else { return }
        unseat(subscriber, channel)
        channel.seat(subscriber, shape: shape.taking(before.union(interest)))
    }

    /// `subscriber` no longer takes `interest` of `channel`. Returns whether it did.
    @discardableResult
    public func leave(_ subscriber: Subscriber, _ channel: Channel, noLonger interest: Interest = [.events, .updates])
        -> Bool
    {
        let before = self.interest(of: subscriber, in: channel)
        guard !before.isDisjoint(with: interest), let shape = subscriber.shape else { return false }
        unseat(subscriber, channel)
        let rest = before.subtracting(interest)
        if !rest.isEmpty { channel.seat(subscriber, shape: shape.taking(rest)) }
        return true
    }

    /// `subscriber` takes events in another shape from now on, of the channels that it follows too. `reframe` puts what
    /// already waits for it into its new form.
    public func reshape(_ subscriber: Subscriber, to shape: Shape, reframe: (SharedBytes) -> SharedBytes) {
        subscriber.shape = shape
        for seat in subscriber.seats {
            unseat(subscriber, seat.channel)
            seat.channel.seat(subscriber, shape: shape.taking(seat.shape.interest))
        }
        subscriber.outbox.reframe(reframe)
    }

    private func unseat(_ subscriber: Subscriber, _ channel: Channel) {
        guard let place = subscriber.seats.firstIndex(where: { $0.channel === channel }) else { return }
        channel.unseat(subscriber.seats.remove(at: place))
    }

    /// `subscriber` leaves every channel; its outbox is still written. Returns the channels it left.
    public func leaveAll(_ subscriber: Subscriber) -> [Channel] {
        let left = subscriber.channels
        for channel in left { unseat(subscriber, channel) }
        return left
    }

    /// `subscriber` is gone: it leaves every channel, its outbox is not written any more. Returns the channels it left.
    public func remove(_ subscriber: Subscriber) -> [Channel] {
        let left = leaveAll(subscriber)
        subscriber.isDirty = false
        subscriber.outbox.removeAll()
        subscriber.batch = BatchQueue()
        batching.removeAll { $0 === subscriber }
        return left
    }

    // MARK: Frames

    /// Queues one frame for one subscriber; it is written with the next flush.
    public func send(_ frame: SharedBytes, to subscriber: Subscriber) {
        enqueue(frame, key: .never, isEvent: false, to: subscriber)
        reportOverflows()
    }

    /// Queues an event for every member of `channel`.
    ///
    /// - Parameters:
    ///   - conflatable: whether a newer one of the same channel may replace it while it waits.
    ///   - frames: the event's frames in one shape; asked once for each shape that has members.
    public func fanOut(on channel: Channel, conflatable: Bool, frames: (Shape) -> [SharedBytes]) {
        let key = conflatable ? channel.conflationKey : .never
        for room in channel.rooms {
            for frame in frames(room.shape) {
                if room.shape.wrapping.isBatched {
                    for member in room.members { collect(frame, key: key, for: member) }
                } else {
                    for member in room.members { enqueue(frame, key: key, to: member) }
                }
                counters.deliveries += UInt64(room.members.count)
            }
        }
        reportOverflows()
    }

    /// Queues an event for the members of `channel` for which `isMeant` is true.
    public func fanOut(
        on channel: Channel, key: Outbox.ConflationKey, frames: (Shape) -> [SharedBytes],
        where isMeant: (Subscriber) -> Bool
    ) {
        for room in channel.rooms {
            let members = room.members.filter(isMeant)
            guard !members.isEmpty else { continue }
            for frame in frames(room.shape) {
                for member in members {
                    if room.shape.wrapping.isBatched {
                        collect(frame, key: key, for: member)
                    } else {
                        enqueue(frame, key: key, to: member)
                    }
                }
                counters.deliveries += UInt64(members.count)
            }
        }
        reportOverflows()
    }

    /// Whether any batch waits.
    public var hasBatches: Bool { !batching.isEmpty }

    /// Sends every batch that has messages, once each.
    public func flushBatches() {
        guard !batching.isEmpty else { return }
        let subscribers = batching
        batching = []
        for subscriber in subscribers where !subscriber.batch.isEmpty {
            // A batch behind a full socket keeps waiting, since there it can still be conflated.
            if subscriber.outbox.isBlocked { batching.append(subscriber) } else { subscriber.owner.flushBatch() }
        }
    }

    private func collect(_ text: SharedBytes, key: Outbox.ConflationKey, for subscriber: Subscriber) {
        if subscriber.batch.isEmpty { batching.append(subscriber) }
        switch subscriber.batch.append(text, key: key, behind: subscriber.outbox, limits: limits) {
        case .queued: break
        case .conflated: counters.conflated += 1
        case .overflowed: return overflow(subscriber)
        }
        if subscriber.batch.bytes > limits.softBytes, !subscriber.outbox.isBlocked { subscriber.owner.flushBatch() }
    }

    private func overflow(_ subscriber: Subscriber) {
        subscriber.outbox.removeAll()
        subscriber.batch = BatchQueue()
        overflowed.append(subscriber)
    }

    /// Writes every outbox that has frames, once each.
    public func flush() {
        guard !dirty.isEmpty else { return }
        swap(&dirty, &flushing)
        for subscriber in flushing where subscriber.isDirty {
            subscriber.isDirty = false
            if !subscriber.outbox.isEmpty { subscriber.owner.flushOutbox() }
        }
        flushing.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    private func enqueue(
        _ frame: SharedBytes, key: Outbox.ConflationKey, isEvent: Bool = true, to subscriber: Subscriber
    ) {
        switch subscriber.outbox.append(frame, key: key, isEvent: isEvent, limits: limits) {
        case .queued: break
        case .conflated: counters.conflated += 1
        case .overflowed: return overflow(subscriber)
        }
        if !subscriber.isDirty, !subscriber.outbox.isBlocked {
            subscriber.isDirty = true
            dirty.append(subscriber)
        }
    }

    /// Tells owners only when no list of members is being iterated: they will leave their channels.
    private func reportOverflows() {
        guard !overflowed.isEmpty else { return }
        let subscribers = overflowed
        overflowed = []
        for subscriber in subscribers {
            counters.overflows += 1
            subscriber.owner.outboxDidOverflow()
        }
    }
}

@available(*, unavailable)
extension Hub: Sendable {}
