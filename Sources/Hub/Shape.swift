import Events
public import Dialects

/// What of a channel a subscriber takes.
public struct Interest: OptionSet, Hashable, Sendable {
    /// One bit a kind of message.
    public let rawValue: UInt8

    /// Any combination of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The channel's events, each in its own shape: a subscription.
    public static let events = Interest(rawValue: 1)
    /// A `taskUpdated` for each change: somebody has asked for the task's status.
    public static let updates = Interest(rawValue: 2)
}

/// Which bytes of an event a subscriber takes: its dialect's message, compressed, bare, or neither.
///
/// A channel keeps its members by shape, so that fan-out encodes once a shape and the loop over members has no branch.
public struct Shape: Hashable, Sendable {
    /// How a message is put on the wire.
    public enum Wrapping: UInt8, CaseIterable, Sendable {
        /// In a frame of its own; a server-sent event as it is.
        case frame
        /// In a compressed frame of its own: permessage-deflate was negotiated (RFC 7692).
        case compressed
        /// The same with the smallest window, for clients that have no room for the usual one. What is compressed so can be
        /// read with every window, so there is one such frame whichever windows they have.
        case compressedNarrowly
        /// Not yet: the text waits for others, to be sent as one message with them.
        case batched
    }

    /// In whose words an event is told.
    public enum Form: Hashable, Sendable {
        /// As a message of a WebSocket dialect.
        case dialect(DialectName)
        /// As a server-sent event.
        case eventStream
    }

    /// In whose words the event is told.
    public let form: Form
    /// How it is put on the wire.
    public let wrapping: Wrapping
    /// Which messages are taken.
    public let interest: Interest

    /// The shape of one connection's events.
    public init(_ form: Form, wrapping: Wrapping, interest: Interest = .events) {
        self.form = form
        self.wrapping = wrapping
        self.interest = interest
    }

    /// Whether events are told in a dialect whose clients acknowledge them.
    var acknowledges: Bool {
        if case .dialect(let dialect) = form { dialect.traits.acknowledges } else { false }
    }

    /// The same with another interest.
    public func taking(_ interest: Interest) -> Shape {
        Shape(form, wrapping: wrapping, interest: interest)
    }
}
