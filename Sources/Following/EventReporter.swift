import Hub
import Telemetry

/// Counts and logs what is wrong with a channel's messages.
final class EventReporter {
    private let tally: FollowingTally
    private let log: Log

    init(tally: FollowingTally, log: Log) {
        self.tally = tally
        self.log = log
    }

    /// Counts a payload that was not delivered.
    func count(_ rejection: ChannelEffect.Rejection, on channel: Channel) {
        switch rejection {
        case .forged: tally.counters.eventsForged += 1
        case .afterEnd: tally.counters.eventsAfterEnd += 1
        case .invalid(let reason): reject(reason, on: channel)
        }
    }

    /// Counts and logs a payload that is no event.
    func reject(_ reason: String, on channel: Channel) {
        tally.counters.eventsInvalid += 1
        log.debug("dropped what is not an event", ["channel": .text(channel.redisName), "reason": .text(reason)])
    }

    /// Counts a channel that was behind Redis, where no message had revealed it.
    func countBehind() { tally.counters.positionsBehind += 1 }
}
