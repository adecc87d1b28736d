import Bytes
import Dialects
import Hub
import WebSocket

/// One message's frames in every shape that is asked for, each encoded once (DESIGN.md, "The path of an event", 4).
struct EventFrames {
    private let message: ServerMessage
    private let stamp: MessageStamp
    private let deflater: Deflater
    private var encoded: [[[UInt8]]?]

    init(_ message: ServerMessage, stamp: MessageStamp, deflater: Deflater) {
        self.message = message
        self.stamp = stamp
        self.deflater = deflater
        encoded = Array(repeating: nil, count: DialectName.allCases.count)
    }

    /// The frames for one shape.
    mutating func frames(in shape: Shape) -> [SharedBytes] {
        let texts = texts(in: shape.dialect)
        return texts.map { text in
            if shape.compressed, let frame = FrameEncoder.compressedText(text, deflater) { return frame }
            return FrameEncoder.text(text)
        }
    }

    /// The messages in one dialect.
    private mutating func texts(in dialect: DialectName) -> [[UInt8]] {
        let index = Int(dialect.rawValue)
        if let texts = encoded[index] { return texts }
        let texts = dialect.dialect.encode(message, stamp: stamp)
        encoded[index] = texts
        return texts
    }
}
