public import Dialects

/// What a subscriber takes of a channel.
public struct Interest: OptionSet, Hashable, Sendable {
    /// One bit a kind of message.
    public let rawValue: UInt8

    /// Any combination of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The channel's events, each in its own shape: a subscription.
    public static let events = Interest(rawValue: 1)
    /// A `taskUpdated` for each change: the viewer asked for the task's status.
    public static let updates = Interest(rawValue: 2)
}

/// The bytes of an event that a subscriber takes: its dialect's message, compressed, bare, or neither.
///
/// A channel keeps its members by shape, so fan-out encodes once a shape, and the loop over members has no branch.
public struct Shape: Hashable, Sendable {
    /// How a message is put on the wire.
    public struct Wrapping: Hashable, Sendable {
        /// What is around the bytes.
        public enum Frame: UInt8, CaseIterable, Sendable {
            /// Nothing: a server-sent event, or a packet for a poll.
            case none
            /// A frame of its own (RFC 6455 5).
            case plain
            /// A compressed frame of its own: permessage-deflate was negotiated (RFC 7692).
            case compressed
            /// The same with the smallest window, for clients without room for the usual one. Every window can read it,
            /// so there is one such frame for all of them.
            case compressedNarrowly
        }

        /// What is around the bytes.
        public var frame: Frame
        /// Whether the message is an event of Socket.IO, in its packet.
        public var isPacket: Bool
        /// Whether the bare message waits for others, to be sent with them as one.
        public var isBatched: Bool

        /// A message in `frame`, by itself.
        public init(_ frame: Frame, isPacket: Bool = false, isBatched: Bool = false) {
            self.frame = frame
            self.isPacket = isPacket
            self.isBatched = isBatched
        }

        /// By itself, as it is.
        public static let bare = Wrapping(.none)
        /// By itself, in a frame.
        public static let framed = Wrapping(.plain)

        /// The same for a client that takes several messages as one.
        public var batched: Wrapping { Wrapping(frame, isPacket: isPacket, isBatched: true) }
    }

    /// The format in which an event is told.
    public enum Form: Hashable, Sendable {
        /// As a message of a WebSocket dialect.
        case dialect(DialectName)
        /// As a server-sent event.
        case eventStream
    }

    /// The format in which events are told.
    public let form: Form
    /// How they are put on the wire.
    public let wrapping: Wrapping
    /// Which messages the connection takes.
    public let interest: Interest

    /// The shape of one connection's events.
    public init(_ form: Form, wrapping: Wrapping, interest: Interest = .events) {
        self.form = form
        self.wrapping = wrapping
        self.interest = interest
    }

    /// Whether the dialect's clients acknowledge events.
    var acknowledges: Bool {
        if case .dialect(let dialect) = form { dialect.traits.acknowledges } else { false }
    }

    /// The same with another interest.
    public func taking(_ interest: Interest) -> Shape {
        Shape(form, wrapping: wrapping, interest: interest)
    }
}
