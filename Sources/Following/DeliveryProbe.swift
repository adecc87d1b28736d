/// Decides whether Redis delivers published messages to a loop's pub/sub connection, and when to test it: a connection
/// can look healthy and deliver nothing.
///
/// Only messages heard on the current connection count. So the loop publishes a probe once its own channel is
/// subscribed, and at every interval after that. Where Redis accepts a probe that the loop does not hear, the loop
/// reconnects.
struct DeliveryProbe {
    /// What happened.
    enum Event: Equatable {
        /// The loop's own channel is subscribed on the current connection.
        case subscribed
        /// The pub/sub connection is gone.
        case disconnected
        /// Redis takes commands (again).
        case commandsReady
        /// Redis accepted the probe of this number.
        case accepted(Int)
        /// The loop could not send the probe of this number, or the answer is lost.
        case unsent(Int)
        /// Redis does not let this user publish the probe of this number.
        case refused(Int)
        /// A message arrived.
        case heard
        /// An interval is over.
        case interval
    }

    /// What the loop must do.
    enum Action: Equatable {
        /// Publish a probe to the loop's own channel, and report its number.
        case publish(Int)
        /// Close the pub/sub connection and open another.
        case reconnect
    }

    /// The probe that the loop waits for. It is published again at every interval, since the path may be free by then.
    private struct Awaited {
        let number: Int
        var isAccepted = false
        var intervalsLeft: Int
    }

    /// The most intervals for a connection that follows deaf ones: to subscribe to all channels is expensive.
    private static let maxIntervals = 10

    private var isSubscribed = false
    private var awaited: Awaited?
    private var number = 0
    /// Connections in a row that the loop closed because they were deaf.
    private var deafInARow = 0
    /// A message arrived over the current connection.
    private(set) var isHeard = false
    /// Redis accepted a probe that never arrived, or refuses probes. False again once a message arrives.
    private(set) var isFailing = false

    mutating func receive(_ event: Event) -> Action? {
        switch event {
        case .subscribed:
            isSubscribed = true
            return send(intervals: firstIntervals)
        case .disconnected:
            (isSubscribed, isHeard, awaited) = (false, false, nil)
        case .commandsReady:
            return isSubscribed && !isHeard ? send(intervals: firstIntervals) : nil
        case .accepted(let number):
            if awaited?.number == number { awaited?.isAccepted = true }
        case .unsent(let number):
            if awaited?.number == number { awaited = nil }
        case .refused(let number):
            guard awaited?.number == number else { break }
            (awaited, isFailing) = (nil, true)
        case .heard:
            (isHeard, isFailing, awaited, deafInARow) = (true, false, nil, 0)
        case .interval:
            return nextInterval()
        }
        return nil
    }

    private mutating func nextInterval() -> Action? {
        guard isSubscribed else { return nil }
        guard var awaited else { return send(intervals: 1) }
        guard awaited.isAccepted else { return nil }
        awaited.intervalsLeft -= 1
        guard awaited.intervalsLeft <= 0 else {
            self.awaited = awaited
            return .publish(awaited.number)
        }
        self.awaited = nil
        (isSubscribed, isHeard, isFailing) = (false, false, true)
        deafInARow += 1
        return .reconnect
    }

    /// The first probe gets at least one whole interval. Each deaf connection doubles the time.
    private var firstIntervals: Int { min(Self.maxIntervals, 2 << min(deafInARow, 3)) }

    private mutating func send(intervals: Int) -> Action {
        number += 1
        awaited = Awaited(number: number, intervalsLeft: intervals)
        return .publish(number)
    }
}
