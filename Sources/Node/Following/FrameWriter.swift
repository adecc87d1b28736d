import Base
import Events
import Dialects
import Hub
import WebSocket

/// Writes what viewers are told: each message once a shape, whoever gets it. A loop has one.
final class FrameWriter {
    private let deflater = Deflater()
    /// The loop, unlike any other that ever ran.
    let origin = Incarnation.make()
    private var serial: UInt64 = 0

    /// A message's frames, encoded when they are asked for.
    func frames(of message: ServerMessage) -> EventFrames {
        EventFrames(message, stamp: stamp(), deflater: deflater)
    }

    /// When and as what a message is written now.
    func stamp() -> MessageStamp {
        serial += 1
        return MessageStamp(now: WallClock.now, origin: origin, serial: serial)
    }

    /// Several messages as `dialect` puts them together.
    func batchFrames(of texts: [SharedBytes], in dialect: DialectName, _ shape: Shape) -> [SharedBytes] {
        dialect.dialect.batch(texts.map(\.array), now: WallClock.now).map { frame(of: $0, in: shape) }
    }

    /// One message as a frame.
    func frame(of text: [UInt8], in shape: Shape) -> SharedBytes {
        shape.wrapping.frame(of: text, deflater)
    }
}
