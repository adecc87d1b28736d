import Events
import JSON

/// The id of a message of topics: an event's is its position, the same wherever and whenever it is sent; no other id is
/// ever used again.
enum TopicsMessageID {
    /// An event's position, or with `isState` a state's.
    case place(ChannelName, Position, isState: Bool)
    /// The `number`th of several messages with one stamp.
    case stamped(MessageStamp, number: Int)

    /// The id of `delivery`; for an event without a position, or a state that one altered, the stamp's.
    init(of delivery: Delivery, stamp: MessageStamp) {
        if let position = delivery.position, !delivery.isAltered {
            self = .place(delivery.channel, position, isState: delivery.isSnapshot)
        } else {
            self = .stamped(stamp, number: 1)
        }
    }

    /// Writes the id as a string.
    func write(to writer: inout JSONWriter) {
        writer.beginString()
        writer.piece("msg_" as StaticString)
        switch self {
        case .place(let channel, let position, let isState):
            writer.piece(channel.text)
            writer.piece(":" as StaticString)
            writer.piece(position.epoch)
            writer.piece(":" as StaticString)
            writer.piece(position.sequence)
            if isState { writer.piece(":state" as StaticString) }
        case .stamped(let stamp, let number):
            writer.piece(stamp.origin)
            writer.piece("-" as StaticString)
            writer.piece(stamp.serial)
            if number > 1 {
                writer.piece("-" as StaticString)
                writer.piece(UInt64(number))
            }
        }
        writer.endString()
    }
}
