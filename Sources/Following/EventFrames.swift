package import Base
import Dialects
import Events
package import Hub
import SocketIO
import WebSocket

/// The frames of one message, encoded once for each shape that asks.
package struct EventFrames {
    private let message: ServerMessage
    private let stamp: MessageStamp
    private let deflater: Deflater
    private var encoded = Texts()
    private var updates = Texts()

    init(_ message: ServerMessage, stamp: MessageStamp, deflater: Deflater) {
        self.message = message
        self.stamp = stamp
        self.deflater = deflater
    }

    /// When the message is written, in milliseconds since 1970.
    var now: Int64 { stamp.now }

    /// The frames for one shape; the bare texts where the shape is batched.
    package mutating func frames(in shape: Shape) -> [SharedBytes] {
        guard case .dialect(let dialect) = shape.form else { return streamed().map { SharedBytes($0) } }
        let texts = texts(in: dialect, shape.interest)
        guard !shape.wrapping.isBatched else { return texts.map { SharedBytes($0) } }
        let acknowledged = message.request?.acknowledgement
        return texts.map { shape.wrapping.wrap($0, answering: acknowledged, deflater) }
    }

    private mutating func texts(in dialect: DialectName, _ interest: Interest) -> [[UInt8]] {
        var texts = interest.contains(.events) ? texts(in: dialect) : []
        if interest.contains(.updates) { texts += updates(in: dialect, isAlsoTold: interest.contains(.events)) }
        return texts
    }

    /// The messages in one dialect.
    private mutating func texts(in dialect: DialectName) -> [[UInt8]] {
        if let texts = encoded[dialect] { return texts }
        let texts = dialect.dialect.encode(message, stamp: stamp)
        encoded[dialect] = texts
        return texts
    }

    /// The task's change, for viewers that asked for its status. Viewers that follow the task have it from a state.
    private mutating func updates(in dialect: DialectName, isAlsoTold: Bool) -> [[UInt8]] {
        guard case .delivery(let delivery) = message, delivery.event.isAboutTask,
            !delivery.isSnapshot || !isAlsoTold
        else { return [] }
        if let texts = updates[dialect] { return texts }
        let texts = dialect.dialect.encode(.taskUpdate(delivery, request: nil), stamp: stamp)
        updates[dialect] = texts
        return texts
    }

    /// The message as a server-sent event: only a channel's events and its gaps have that form.
    private func streamed() -> [[UInt8]] {
        switch message {
        case .delivery(let delivery): [ServerSentEvent.encode(delivery)]
        case .missed(_, let count, let position): [ServerSentEvent.encode(missed: count, upTo: position)]
        default: []
        }
    }
}

/// A message's texts in the dialects that asked for it: mostly in one, which needs no allocation.
private struct Texts {
    private var first: (dialect: DialectName, texts: [[UInt8]])?
    private var others: ByDialect<[[UInt8]]?>?

    subscript(dialect: DialectName) -> [[UInt8]]? {
        get { if let first, first.dialect == dialect { first.texts } else { others?[dialect] ?? nil } }
        set {
            if first == nil, let newValue { return first = (dialect, newValue) }
            if others == nil { others = ByDialect(repeating: nil) }
            others?[dialect] = newValue
        }
    }
}

extension Shape.Wrapping {
    /// A message as it is written. `answering`: the client waits for it as the answer to the event of that id.
    func wrap(_ text: [UInt8], answering id: UInt64? = nil, _ deflater: Deflater) -> SharedBytes {
        guard isPacket else { return frame.frame(of: text, deflater) }
        return frame.frame(of: id.map { SocketPacket.acknowledgement($0, text) } ?? SocketPacket.event(text), deflater)
    }
}

extension Shape.Wrapping.Frame {
    /// Text in its frame, compressed where the client supports that and it saves bytes.
    func frame(of text: [UInt8], _ deflater: Deflater) -> SharedBytes {
        let compressed: SharedBytes? =
            switch self {
            case .none: SharedBytes(text)
            case .plain: nil
            case .compressed: FrameEncoder.compressedText(text, deflater)
            case .compressedNarrowly: FrameEncoder.compressedText(text, deflater.narrow)
            }
        return compressed ?? FrameEncoder.text(text)
    }
}
