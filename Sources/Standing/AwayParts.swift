import RESP
import Redis

/// Decides which of several servers the log of a loop has to name: each change once, since a dead server is tried again and
/// again.
struct AwayParts {
    /// What the log says.
    enum News: Equatable {
        case connected
        case away(RedisFailure)
        case tookOver
    }

    /// The number of the loop in its node.
    private let loop: Int
    private var away: Set<RedisPart> = []

    init(loop: Int) { self.loop = loop }

    /// What the log does not have yet.
    mutating func receive(_ event: RedisEvent, _ part: RedisPart) -> News? {
        let isReporting = part.isOfEachLoop || loop == 0
        switch event {
        case .connected:
            away.remove(part)
            return isReporting ? .connected : nil
        case .lost(let failure), .failed(let failure), .refused(let failure):
            return away.insert(part).inserted && isReporting ? .away(failure) : nil
        case .tookOver: return loop == 0 ? .tookOver : nil
        case .declined, .retrying: return nil
        }
    }
}
