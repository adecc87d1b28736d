public import Base

/// Whoever writes a subscriber's outbox to its socket.
public protocol OutboxOwner: AnyObject {
    /// Write what waits. Called once per subscriber and flush, only when something waits and nothing is in flight.
    func flushOutbox()
    /// Send the messages that wait as one: `Subscriber.takeBatch()`. Called once per subscriber and `Hub.flushBatches()`.
    func flushBatch()
    /// The outbox would have exceeded its hard limit, and is empty now: close the connection with 1013.
    func outboxDidOverflow()
}

/// One connection as the hub sees it: what it is subscribed to and what waits for it.
///
/// Confined to its loop.
public final class Subscriber {
    /// A seat in a channel, so that leaving takes no search among the channel's members.
    struct Seat {
        // A channel lives as long as it has members: the hub drops only empty ones.
        unowned(unsafe) let channel: Channel
        let shape: Shape
        var index: Int
    }

    // Unchecked: Swift would otherwise note each access to these at run time, a third of what a delivery costs here. No
    // access to them overlaps another: whoever is called while one is under way (a frame's encoder, an owner that
    // flushes) is called between two of them.

    /// What waits for this subscriber.
    @exclusivity(unchecked)
    public var outbox = Outbox()

    /// The shape it takes events in. Where it changes, what it follows already keeps coming in the old one.
    public var shape: Shape?

    /// What waits to be sent as one message; only with the wrapping `batched`.
    var batch = BatchQueue()

    /// Who writes it.
    public unowned(unsafe) let owner: any OutboxOwner
    var seats = ContiguousArray<Seat>()
    @exclusivity(unchecked)
    var isDirty = false

    /// A subscriber whose outbox `owner` writes; `owner` must live until `Hub.remove` was called.
    public init(owner: any OutboxOwner) {
        self.owner = owner
    }

    /// Bytes that wait to be written, those that are to be sent as one message among them.
    public var pendingBytes: Int { outbox.pendingBytes + batch.bytes }

    /// Takes out what waits to be sent as one message.
    public func takeBatch() -> [SharedBytes] { batch.take() }

    /// How many channels it is subscribed to.
    public var subscriptionCount: Int { seats.count }

    /// The channels it is subscribed to.
    public var channels: [Channel] { seats.map(\.channel) }

    /// Those of which it takes what `isWanted`, in the order in which it came to take that.
    public func channels(where isWanted: (Interest) -> Bool) -> [Channel] {
        seats.filter { isWanted($0.shape.interest) }.map(\.channel)
    }
}

@available(*, unavailable)
extension Subscriber: Sendable {}
