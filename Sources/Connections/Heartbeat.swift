package import Following
package import Base
import Dialects
import Events
package import Hub
import WebSocket

/// The messages that keep WebSockets alive, encoded once a tick.
package final class Heartbeat {
    /// Ticks of the heartbeat ring in an interval, at most; one each second by default.
    private static let maxTicks = 30

    /// The loop's time.
    package let now: UInt64
    /// A client that is silent for longer counts as gone.
    package let silenceMilliseconds: UInt64
    /// Whether clients are told of every change. Otherwise heartbeats tell the count to clients that have one.
    package let isBroadcasting: Bool
    package let ping = FrameEncoder.ping()
    private var frames: EventFrames

    package init(now: UInt64, silenceMilliseconds: UInt64, isBroadcasting: Bool, frames: EventFrames) {
        self.now = now
        self.silenceMilliseconds = silenceMilliseconds
        self.isBroadcasting = isBroadcasting
        self.frames = frames
    }

    /// The dialect's own heartbeat; empty where it has none.
    package func messages(in shape: Shape) -> [SharedBytes] { frames.frames(in: shape) }

    /// Ticks between two heartbeats of a connection.
    package static func ticks(inMilliseconds interval: Int) -> Int { max(1, min(maxTicks, interval / 100)) }
}
