package import Base
import Dialects
import Events
package import Hub
import WebSocket

/// One message's frames in every shape that is asked for, each encoded once.
package struct EventFrames {
    private let message: ServerMessage
    private let stamp: MessageStamp
    private let deflater: Deflater
    private var encoded = ByDialect<[[UInt8]]?>(repeating: nil)
    private var updates = ByDialect<[[UInt8]]?>(repeating: nil)

    init(_ message: ServerMessage, stamp: MessageStamp, deflater: Deflater) {
        self.message = message
        self.stamp = stamp
        self.deflater = deflater
    }

    /// When the message is written, milliseconds since 1970.
    var now: Int64 { stamp.now }

    /// The frames for one shape; for one that is batched the bare texts.
    package mutating func frames(in shape: Shape) -> [SharedBytes] {
        guard case .dialect(let dialect) = shape.form else { return streamed().map { SharedBytes($0) } }
        return texts(in: dialect, shape.interest).map { text in
            switch shape.wrapping {
            case .batched: SharedBytes(text)
            case let wrapping: wrapping.frame(of: text, deflater)
            }
        }
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

    /// The change of a task, for those who have asked for its status; a state says so already to those who follow it.
    private mutating func updates(in dialect: DialectName, isAlsoTold: Bool) -> [[UInt8]] {
        guard case .delivery(let delivery) = message, delivery.event.isAboutTask,
            !delivery.isSnapshot || !isAlsoTold
        else { return [] }
        if let texts = updates[dialect] { return texts }
        let texts = dialect.dialect.encode(.taskUpdate(delivery, request: nil), stamp: stamp)
        updates[dialect] = texts
        return texts
    }

    /// The message as a server-sent event; only events of channels are, and what is missing between them.
    private func streamed() -> [[UInt8]] {
        switch message {
        case .delivery(let delivery): [ServerSentEvent.encode(delivery)]
        case .missed(_, let count, let position): [ServerSentEvent.encode(missed: count, upTo: position)]
        default: []
        }
    }
}

extension Shape.Wrapping {
    /// A text message in a frame of its own: compressed where the client takes that and it is worth it.
    func frame(of text: [UInt8], _ deflater: Deflater) -> SharedBytes {
        let compressed: SharedBytes? =
            switch self {
            case .compressed: FrameEncoder.compressedText(text, deflater)
            case .compressedNarrowly: FrameEncoder.compressedText(text, deflater.narrow)
            case .frame, .batched: nil
            }
        return compressed ?? FrameEncoder.text(text)
    }
}
