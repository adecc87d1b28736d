import Base
import Events
import Dialects
import EventLoop
import Hub
import Synchronization
import WebSocket

/// What is sent to keep connections alive, encoded once a tick.
final class Heartbeat {
    let now: UInt64
    /// A client that was silent for longer is gone.
    let silenceMilliseconds: UInt64
    let ping = FrameEncoder.ping()
    private var frames: EventFrames

    init(core: LoopCore) {
        let shared = core.shared
        now = core.loop.now
        silenceMilliseconds = shared.silenceMilliseconds
        frames = core.events.frames(
            of: .heartbeat(
                connectedClients: core.presence.clusterConnections,
                uptimeSeconds: Double(WallClock.now - shared.startedAt) / 1000))
    }

    /// The dialect's own heartbeat; nothing where it has none.
    func messages(in shape: Shape) -> [SharedBytes] { frames.frames(in: shape) }
}
