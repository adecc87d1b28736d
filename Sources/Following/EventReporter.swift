import Events
import Hub
package import Telemetry

/// Counts and logs payloads of a channel that are no events.
package final class EventReporter {
    private let tally: FollowingTally
    private let log: Log

    package init(tally: FollowingTally, log: Log) {
        self.tally = tally
        self.log = log
    }

    /// Counts and logs one payload.
    func reject(_ reason: String, on channel: Channel) {
        tally.counters.eventsInvalid += 1
        log.debug(
            "dropped a message that is not an event", ["channel": .text(channel.redisName), "reason": .text(reason)])
    }
}
