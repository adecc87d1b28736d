import Testing

@testable import Online

@Suite("The lease of a loop")
struct LeaseTests {
    private static let lost = Lease.Event.lost(name: "a", next: "b")

    /// The actions of the loop `a` after the last of these events.
    private func last(_ events: Lease.Event...) -> [Lease.Action] {
        var lease = Lease(name: "a")
        return events.map { lease.receive($0) }.last ?? []
    }

    @Test("a loop without a lease asks for one as soon as Redis is there, or with the next heartbeat")
    func away() {
        #expect(last(.connected) == [.register(isBack: false)])
        #expect(last(.beat) == [.register(isBack: false)])
        #expect(last(.registered) == [])
        #expect(last(.notRegistered) == [])
        #expect(last(Self.lost) == [])
        #expect(last(.stop) == [])
    }

    @Test("a loop that has asked for a lease asks once, and begins with all it has")
    func registering() {
        #expect(last(.connected, .connected) == [])
        #expect(last(.connected, .beat) == [])
        #expect(last(.connected, .registered) == [.writeAll, .beat])
        #expect(last(.connected, .notRegistered) == [.answerWaiting])
        #expect(last(.connected, .notRegistered, .beat) == [.register(isBack: false)])
        #expect(last(.connected, Self.lost) == [])
        #expect(last(.connected, .stop) == [])
        #expect(last(.connected, .stop, .registered) == [])
    }

    @Test("a loop with a lease renews it, loses it, or gives it back")
    func registered() {
        #expect(last(.connected, .registered, .connected) == [.beat])
        #expect(last(.connected, .registered, .beat) == [.beat])
        #expect(last(.connected, .registered, .registered) == [])
        #expect(last(.connected, .registered, .notRegistered) == [])
        #expect(last(.connected, .registered, Self.lost) == [.leave(name: "a"), .register(isBack: true)])
        #expect(last(.connected, .registered, .stop) == [.takeOut(name: "a")])
    }

    @Test("a lease that was lost is asked for under the next name, and lost once")
    func returning() {
        var lease = Lease(name: "a")
        for event in [.connected, .registered, Self.lost] { _ = lease.receive(event) }
        #expect(lease.name == "b")
        #expect(!lease.isRegistered && lease.isUnderWay)
        #expect(lease.receive(.notRegistered) == [.answerWaiting])
        #expect(lease.receive(.beat) == [.register(isBack: true)])
        #expect(lease.receive(.registered) == [.writeAll, .beat])
        // The answer to a write under the old name comes late.
        #expect(lease.receive(Self.lost) == [])
        #expect(lease.isRegistered && lease.name == "b")
    }

    @Test(
        "after the end nothing is done",
        arguments: [.connected, .beat, .registered, .notRegistered, Self.lost, .stop] as [Lease.Event])
    func stopped(_ event: Lease.Event) {
        #expect(last(.connected, .registered, .stop, event) == [])
        #expect(last(.stop, event) == [])
    }
}
