package import Following
package import Base
import Dialects
import Events
package import Hub
import WebSocket

/// What is sent to keep WebSockets alive, encoded once a tick.
package final class Heartbeat {
    /// Ticks of the heartbeat ring in an interval, at most; one each second by default.
    private static let maxTicks = 30

    /// The loop's time.
    package let now: UInt64
    /// A client that was silent for longer is gone.
    package let silenceMilliseconds: UInt64
    /// Whether clients hear of each coming and going. Otherwise a heartbeat tells those that count how many there are.
    package let isBroadcasting: Bool
    package let ping = FrameEncoder.ping()
    private var frames: EventFrames

    package init(now: UInt64, silenceMilliseconds: UInt64, isBroadcasting: Bool, frames: EventFrames) {
        self.now = now
        self.silenceMilliseconds = silenceMilliseconds
        self.isBroadcasting = isBroadcasting
        self.frames = frames
    }

    /// The dialect's own heartbeat; nothing where it has none.
    package func messages(in shape: Shape) -> [SharedBytes] { frames.frames(in: shape) }

    /// Ticks in an interval between two heartbeats.
    package static func ticks(inMilliseconds interval: Int) -> Int { max(1, min(maxTicks, interval / 100)) }
}
