/// Whether what is published reaches a loop's pub/sub connection, and what is to be done to know it: a connection can look
/// healthy and deliver nothing.
///
/// Only what was heard on the connection that stands now counts. So a message goes out as soon as the loop's own channel is
/// subscribed, and at every interval after that; one that Redis has taken and that does not come has the connection made anew.
struct DeliveryProbe {
    /// What happens.
    enum Event: Equatable {
        /// The loop's own channel is subscribed on the connection that stands now.
        case subscribed
        /// The pub/sub connection is gone.
        case disconnected
        /// Commands are taken (again).
        case commandsReady
        /// Redis has taken the message of this number.
        case accepted(Int)
        /// The message of this number could not be sent, or its answer is lost.
        case unsent(Int)
        /// Redis does not take the message of this number from this user.
        case refused(Int)
        /// A message has come.
        case heard
        /// An interval is over.
        case interval
    }

    /// What is to be done.
    enum Action: Equatable {
        /// Publish a message to the loop's own channel, and report its number.
        case publish(Int)
        /// Give the pub/sub connection up and make another.
        case reconnect
    }

    /// The message whose coming is awaited; published again at every interval, since the way may be free by then.
    private struct Awaited {
        let number: Int
        var isAccepted = false
        var intervalsLeft: Int
    }

    /// Intervals that a connection may be deaf for after others were: making all subscriptions anew has its cost.
    private static let maxIntervals = 10

    private var isSubscribed = false
    private var awaited: Awaited?
    private var number = 0
    /// Connections in a row that were given up for being deaf.
    private var deafInARow = 0
    /// Something has come over the connection that stands now.
    private(set) var isHeard = false
    /// Nothing came though Redis had taken it, or Redis does not take it; until something comes.
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

    /// An interval may end just now, so the first message has at least a whole one; twice as many with each deaf connection.
    private var firstIntervals: Int { min(Self.maxIntervals, 2 << min(deafInARow, 3)) }

    private mutating func send(intervals: Int) -> Action {
        number += 1
        awaited = Awaited(number: number, intervalsLeft: intervals)
        return .publish(number)
    }
}
