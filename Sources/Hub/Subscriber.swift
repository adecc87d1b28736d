public import Base
public import Events

/// The connection behind a subscriber: writes its outbox to the socket.
public protocol SubscriberOwner: AnyObject {
    /// Writes the outbox. Called once per subscriber and flush, only when frames wait and nothing is in flight.
    func flushOutbox()
    /// Sends the batch as one message: `Subscriber.takeBatch()`. Called once per subscriber and `Hub.flushBatches()`.
    func flushBatch()
    /// The outbox exceeded its hard limit, and is empty now: closes the connection with 1013.
    func outboxDidOverflow()
    /// The client must acknowledge an event that it was just sent. Called only where the dialect's clients acknowledge.
    func expectAcknowledgement(of delivery: Delivery)
}

/// One connection as the hub sees it: its channels, and the frames that wait for it.
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

    // Unchecked: Swift would otherwise record each access to these at run time, a third of what a delivery costs here.
    // No access overlaps another: frame encoders and owners' flushes are called between two accesses.

    /// The frames that wait for this subscriber.
    @exclusivity(unchecked)
    public var outbox = Outbox()

    /// The shape in which it takes events. Channels that it already follows keep the old shape, unless ``Hub/reshape(_:to:reframe:)`` changes it.
    public var shape: Shape?

    /// Messages that wait to be sent as one; only with the wrapping `batched`.
    var batch = BatchQueue()

    /// The connection that writes the outbox.
    ///
    /// Not a type parameter: a call costs one lookup a subscriber and flush, beside the `writev` that it leads to, and
    /// every generic user of the hub in another module would be compiled without knowing the type.
    public unowned(unsafe) let owner: any SubscriberOwner
    var seats = ContiguousArray<Seat>()
    @exclusivity(unchecked)
    var isDirty = false

    /// A subscriber whose outbox `owner` writes; `owner` must live until `Hub.remove` was called.
    public init(owner: any SubscriberOwner) {
        self.owner = owner
    }

    /// Bytes that wait to be written, with those of the batch.
    public var pendingBytes: Int { outbox.pendingBytes + batch.bytes }

    /// Takes out the batch.
    public func takeBatch() -> [SharedBytes] { batch.take() }

    /// How many channels it is subscribed to.
    public var subscriptionCount: Int { seats.count }

    /// The channels it is subscribed to.
    public var channels: [Channel] { seats.map(\.channel) }

    /// The channels of which it takes what `isWanted`, in the order in which it joined them.
    public func channels(where isWanted: (Interest) -> Bool) -> [Channel] {
        seats.filter { isWanted($0.shape.interest) }.map(\.channel)
    }
}

@available(*, unavailable)
extension Subscriber: Sendable {}
