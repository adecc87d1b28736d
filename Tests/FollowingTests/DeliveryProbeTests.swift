import Testing

@testable import Following

@Suite("The probe of Redis' delivery")
struct DeliveryProbeTests {
    private func probe(after events: DeliveryProbe.Event...) -> DeliveryProbe {
        var probe = DeliveryProbe()
        for event in events { _ = probe.receive(event) }
        return probe
    }

    /// The action for `event`, after `events`.
    private func action(_ event: DeliveryProbe.Event, after events: DeliveryProbe.Event...) -> DeliveryProbe.Action? {
        var probe = DeliveryProbe()
        for event in events { _ = probe.receive(event) }
        return probe.receive(event)
    }

    @Test("publishes as soon as its channel is subscribed, and as soon as commands are taken")
    func atOnce() {
        #expect(action(.subscribed) == .publish(1))
        #expect(action(.commandsReady) == nil)
        #expect(action(.commandsReady, after: .subscribed, .unsent(1)) == .publish(2))
        #expect(action(.commandsReady, after: .subscribed, .heard) == nil)
    }

    @Test("has heard nothing until a message arrives over the current connection")
    func heard() {
        #expect(!probe(after: .subscribed, .accepted(1)).isHeard)
        #expect(probe(after: .subscribed, .heard).isHeard)
        #expect(!probe(after: .subscribed, .heard, .disconnected).isHeard)
        #expect(!probe(after: .subscribed, .heard, .disconnected, .subscribed, .accepted(2)).isHeard)
        #expect(probe(after: .subscribed, .heard, .disconnected, .subscribed, .accepted(2), .heard).isHeard)
    }

    @Test("does nothing at an interval while the channel is not subscribed")
    func away() {
        #expect(action(.interval) == nil)
        #expect(action(.interval, after: .subscribed, .heard, .disconnected) == nil)
    }

    @Test("publishes at every interval, and reconnects when the last message has not arrived in one")
    func deaf() {
        #expect(action(.interval, after: .subscribed, .heard) == .publish(2))
        #expect(action(.interval, after: .subscribed, .heard, .interval, .accepted(2), .heard) == .publish(3))
        #expect(action(.interval, after: .subscribed, .heard, .interval, .accepted(2)) == .reconnect)
        let given = probe(after: .subscribed, .heard, .interval, .accepted(2), .interval)
        #expect(given.isFailing && !given.isHeard)
    }

    @Test("does not blame a connection while it is unknown whether Redis has the message")
    func unanswered() {
        #expect(action(.interval, after: .subscribed) == nil)
        #expect(action(.interval, after: .subscribed, .unsent(1)) == .publish(2))
        #expect(action(.interval, after: .subscribed, .heard, .interval, .accepted(1)) == nil)
    }

    @Test("gives a new connection a whole interval, and publishes again meanwhile")
    func firstInterval() {
        #expect(action(.interval, after: .subscribed, .accepted(1)) == .publish(1))
        #expect(action(.interval, after: .subscribed, .accepted(1), .interval, .accepted(1)) == .reconnect)
    }

    @Test("fails from a deaf connection on until a message arrives, over any number of connections")
    func failing() {
        var probe = DeliveryProbe()
        var intervals: [Int] = []
        for _ in 0..<6 {
            guard case .publish(let number) = probe.receive(.subscribed) else { return #expect(Bool(false)) }
            _ = probe.receive(.accepted(number))
            var count = 1
            while probe.receive(.interval) != .reconnect { count += 1 }
            intervals.append(count)
            _ = probe.receive(.disconnected)
            #expect(probe.isFailing)
        }
        #expect(intervals == [2, 4, 8, 10, 10, 10])
        _ = probe.receive(.subscribed)
        #expect(probe.isFailing)
        _ = probe.receive(.heard)
        #expect(!probe.isFailing && probe.isHeard)
    }

    @Test("fails where the message is refused, until one arrives")
    func refused() {
        #expect(probe(after: .subscribed, .refused(1)).isFailing)
        #expect(!probe(after: .subscribed, .refused(0)).isFailing)
        #expect(action(.interval, after: .subscribed, .refused(1)) == .publish(2))
        #expect(!probe(after: .subscribed, .refused(1), .interval, .heard).isFailing)
    }
}
