import Cluster
import EventLoop
import RESP

/// Passes each message of a loop's connections for sharded channels on once, as ``Echoes`` decides. Loop-confined.
final class EchoFilter {
    private let loop: EventLoop
    private var echoes = Echoes()

    init(loop: EventLoop) { self.loop = loop }

    func begin(_ slot: HashSlot) { echoes.begin(slot) }
    func end(_ slot: HashSlot) { echoes.end(slot, at: loop.now) }
    func forget() { if !echoes.isIdle { echoes.forget(at: loop.now) } }

    /// The connection hears the channel from now on.
    func didSubscribe(to channel: String, of server: Address, over connection: Int) {
        guard !echoes.isIdle else { return }
        var channel = channel
        channel.withUTF8 {
            echoes.didSubscribe(to: UnsafeRawBufferPointer($0), of: server, over: connection, at: loop.now)
        }
    }

    /// Whether the message came over another connection to that server before.
    func drops(
        _ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer, of server: Address, over connection: Int
    ) -> Bool {
        guard !echoes.isIdle else { return false }
        return echoes.hear(payload, on: channel, of: server, over: connection, at: loop.now)
    }
}

@available(*, unavailable)
extension EchoFilter: Sendable {}
