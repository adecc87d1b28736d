import Access
import Events
import Dialects
import EventLoop
import JSON
import WebSocket

extension Session {
    /// Counts the connection in, once; the fixed token is nobody's. One of too many of its user is closed.
    func join(then: @escaping (Admission) -> Void) {
        guard !isCounted, let user else { return then(core.presence.lastKnown) }
        isCounted = true
        core.presence.join(user) { [weak self] admission in
            guard let self, isCounted else { return }
            if let total = admission.connections, let most = core.connectionsPerUser, total > most {
                return refuse(most)
            }
            then(admission)
        }
    }

    private func refuse(_ most: Int) {
        core.refused(.userConnections, connection, "more than \(most) connections of one user")
        let code = conversation.dialect.traits.tooManyConnections
        conversation.say(.fault(Fault(code, "a user may have \(most) connections"), request: nil))
        conversation.close(.tryAgainLater, reason: "too many connections of this user")
    }

    /// Says `connected` once the user is counted and its rooms are joined: who is told to be connected misses nothing from
    /// then on. While Redis is away it is said at once, with the last known number.
    func welcomeToPresence(_ identity: Identity) {
        var steps = 2
        func done() {
            steps -= 1
            if steps == 0 { startHearing() }
        }
        guard core.isConnected else {
            followPersonalChannels {}
            return join { [weak self] admission in
                self?.admission = admission
                self?.startHearing()
            }
        }
        followPersonalChannels { done() }
        join { [weak self] admission in
            self?.admission = admission
            done()
        }
        core.loop.schedule(after: core.limits.greetingMilliseconds) { [weak self] in self?.startHearing() }
    }

    private func startHearing() {
        guard hearsAfter == nil, isCounted else { return }
        let admission = admission ?? core.presence.lastKnown
        tell(admission.announced, at: admission.version)
    }

    /// Tells the client the count anew, where it has one.
    func tellCount() {
        guard hearsAfter != nil else { return }
        tell(core.presence.numbers.announced, at: core.presence.numbers.version)
    }

    /// Tells the count, and what was announced since it was taken.
    private func tell(_ count: Int, at version: Int64) {
        hearsAfter = version
        sayConnected(count)
        for delivery in core.personal.announcements.after(version) where !isAbout(delivery) {
            conversation.say(.delivery(delivery))
        }
    }

    private func isAbout(_ delivery: Delivery) -> Bool { delivery.event.object["user_id"]?.string == user }

    private func sayConnected(_ count: Int) {
        guard let identity else { return }
        conversation.say(.connected(user: identity.user ?? "", username: identity.username, onlineCount: count))
    }

    /// Whether an announcement is news to the client: not in the count it was told.
    func hears(announcement version: Int64) -> Bool { hearsAfter.map { version > $0 } ?? false }
}
