import EventLoop
import RESP
import Redis

extension LoopCore {
    /// Passes on what happens to a connection to Redis.
    func note(_ event: RedisEvent, _ role: RedisRole) {
        reports.receive(event, role)
        guard role == .commands else { return }
        switch event {
        case .connected: redisIsReady()
        case .lost(let failure), .failed(let failure), .refused(let failure): standing.receive(.gone(failure))
        case .declined: standing.receive(.doubt)
        case .retrying: break
        }
    }

    /// Whether Redis does not let this loop in.
    var isRefusedByRedis: Bool { reports.isRefused }
}
