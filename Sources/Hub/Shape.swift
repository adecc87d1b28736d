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
    public enum Wrapping: UInt8, CaseIterable, Sendable {
        /// In a frame of its own; a server-sent event as it is.
        case frame
        /// In a compressed frame of its own: permessage-deflate was negotiated (RFC 7692).
        case compressed
        /// The same with the smallest window, for clients without room for the usual one. Every window can read it, so
        /// there is one such frame for all of them.
        case compressedNarrowly
        /// Not framed yet: the text waits for others, to be sent with them as one message.
        case batched
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
