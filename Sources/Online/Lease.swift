/// One loop's right to be counted in Redis: when the loop asks for it, keeps it up, has lost it and gives it back.
///
/// What a loop writes without a lease would stay behind for ever: nobody would take it out.
struct Lease {
    /// What happens.
    enum Event: Equatable {
        /// Redis takes commands, for the first time or again.
        case connected
        /// A heartbeat is due.
        case beat
        /// Redis has registered the loop.
        case registered
        /// Redis has not: it is away, or takes no writes.
        case notRegistered
        /// Redis does not know a loop of this name; `next` is the name under which this one may come back.
        case lost(name: String, next: String)
        /// The node stops.
        case stop
    }

    /// What the loop has to do, in this order.
    enum Action: Equatable {
        /// Hear what is meant for this loop alone, and ask Redis to register it; `isBack` where it was registered before.
        case register(isBack: Bool)
        /// Write all that the loop has.
        case writeAll
        /// Send a heartbeat.
        case beat
        /// Answer those who wait to be counted: nobody counts them now.
        case answerWaiting
        /// Say that the lease was lost, and hear nothing more under that name.
        case leave(name: String)
        /// Take out what is counted under the name.
        case takeOut(name: String)
    }

    private enum State { case away, registering, registered, stopped }

    /// The name under which the loop is registered, or asks to be: new after every loss.
    private(set) var name: String
    private var state = State.away
    private var wasRegistered = false

    init(name: String) { self.name = name }

    /// Whether what the loop writes is counted.
    var isRegistered: Bool { state == .registered }
    /// Whether the loop is registered, or has asked to be: who comes now may wait to be counted.
    var isUnderWay: Bool { state == .registered || state == .registering }

    mutating func receive(_ event: Event) -> [Action] {
        switch (state, event) {
        case (.away, .connected), (.away, .beat):
            state = .registering
            return [.register(isBack: wasRegistered)]
        case (.registering, .registered):
            (state, wasRegistered) = (.registered, true)
            return [.writeAll, .beat]
        case (.registering, .notRegistered):
            state = .away
            return [.answerWaiting]
        case (.registered, .connected), (.registered, .beat):
            return [.beat]
        // An answer to what was asked under an earlier name says nothing of this one.
        case (.registered, .lost(let lost, let next)) where lost == name:
            (state, name) = (.registering, next)
            return [.leave(name: lost), .register(isBack: true)]
        case (.registered, .stop):
            state = .stopped
            return [.takeOut(name: name)]
        case (_, .stop):
            state = .stopped
            return []
        case (.away, .registered), (.away, .notRegistered), (.away, .lost), (.registering, .connected),
            (.registering, .beat), (.registering, .lost), (.registered, .registered), (.registered, .notRegistered),
            (.registered, .lost), (.stopped, _):
            return []
        }
    }
}
