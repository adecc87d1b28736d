/// One loop's right to be counted in Redis: when the loop asks for it, renews it, has lost it and gives it back.
///
/// Counts that a loop wrote without a lease would stay for ever: no other loop would reap them.
struct Lease {
    /// What happened.
    enum Event: Equatable {
        /// Redis takes commands, for the first time or again.
        case connected
        /// A heartbeat is due.
        case beat
        /// Redis registered the loop.
        case registered
        /// Redis did not: it is away, or takes no writes.
        case notRegistered
        /// Redis does not know a loop of this name; `next` is the name under which this one may register again.
        case lost(name: String, next: String)
        /// The node stops.
        case stop
    }

    /// What the loop must do, in this order.
    enum Action: Equatable {
        /// Subscribe to the loop's control channel, and register the loop; `isBack` where it was registered before.
        case register(isBack: Bool)
        /// Write all of the loop's counts.
        case writeAll
        /// Send a heartbeat.
        case beat
        /// Answer the viewers that wait to be counted: no counts are written now.
        case answerWaiting
        /// Log that the lease was lost, and unsubscribe from the control channel of that name.
        case leave(name: String)
        /// Remove the counts under the name.
        case takeOut(name: String)
    }

    private enum State { case away, registering, registered, stopped }

    /// The name under which the loop is registered, or asks to be: new after every loss.
    private(set) var name: String
    private var state = State.away
    private var wasRegistered = false

    init(name: String) { self.name = name }

    /// Whether the loop's writes count.
    var isRegistered: Bool { state == .registered }
    /// Whether the loop is registered, or has asked to be: a new connection may wait to be counted.
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
        // The answer is about an earlier name, not about this one.
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
