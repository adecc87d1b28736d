package import Base
package import Dialects
package import Hub
import Telemetry
import WebSocket

/// Encodes the messages to viewers, once for each shape. A loop has one.
package final class FrameWriter {
    private let deflater = Deflater()
    /// The loop's name, which no other loop ever had.
    package let origin: String
    private var serial: UInt64 = 0

    /// A writer for the loop that `origin` names.
    package init(origin: String) { self.origin = origin }

    /// A message's frames, which are encoded on demand.
    package func frames(of message: consuming ServerMessage) -> EventFrames {
        EventFrames(message, stamp: stamp(), deflater: deflater)
    }

    /// The time and name that a message written now carries.
    package func stamp() -> MessageStamp {
        serial += 1
        return MessageStamp(now: WallClock.now, origin: origin, serial: serial)
    }

    /// Several messages as `dialect` puts them together.
    package func batchFrames(of texts: [SharedBytes], in dialect: DialectName, _ shape: Shape) -> [SharedBytes] {
        dialect.dialect.batch(texts.map(\.array), stamp: stamp()).map { frame(of: $0, in: shape) }
    }

    /// One message as it is written.
    package func frame(of text: [UInt8], in shape: Shape) -> SharedBytes { shape.wrapping.wrap(text, deflater) }

    /// A packet that is no message, as it is written.
    package func frame(ofPacket packet: [UInt8], in shape: Shape) -> SharedBytes {
        shape.wrapping.frame.frame(of: packet, deflater)
    }
}
