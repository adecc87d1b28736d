import Access
import Dialects
import EventLoop
import Events
import Following
import JSON
import Online
import Settings
import Telemetry
import WebSocket

/// The client's part in presence.
extension Session {
    /// Has presence count the connection, once. The fixed token has no user. Closes a connection above its user's
    /// bound.
    func join(then: @escaping (PresenceCount) -> Void) {
        let presence = services.presence
        guard !isCounted, let user else { return then(presence.lastKnown) }
        isCounted = true
        // Redis answers soon, or the command fails. The session may live until then; after its end it is not counted.
        presence.join(user) { [self] count in
            guard isCounted else { return }
            if let total = count.connections, let most = services.rules.connectionsPerUser, total > most {
                return refuse(most)
            }
            then(count)
        }
    }

    private func refuse(_ most: Int) {
        refused(.userConnections, "more than \(most) connections of one user")
        fault(traits.tooManyConnections, "a user may have \(most) connections")
        close(.tryAgainLater, reason: "too many connections of this user")
    }

    /// Sends `connected` once the user is counted and its rooms are joined: from then on the client misses nothing.
    /// While Redis is away the node sends it at once, with the last known count.
    func welcomeToPresence() {
        var steps = 2
        var count: PresenceCount?
        func done() {
            steps -= 1
            guard steps == 0 else { return }
            services.presence.refresh(count) { [self] in startHearing(from: $0) }
        }
        guard viewers.isConnected() else {
            followPersonalChannels {}
            return join { [self] in startHearing(from: $0) }
        }
        followPersonalChannels { done() }
        join {
            count = $0
            done()
        }
        viewers.loop.schedule(after: viewers.limits.greetingMilliseconds) { [self] in startHearing(from: count) }
    }

    /// `count`: the counts when the user was counted, where Redis has told them.
    private func startHearing(from count: PresenceCount?) {
        guard hearsAfter == nil, isCounted else { return }
        let count = count ?? services.presence.lastKnown
        tell(count.announced, including: count.included)
    }

    /// Tells the client the count again, where it was told one.
    func tellCount() {
        guard hearsAfter != nil else { return }
        let numbers = services.presence.numbers
        tell(numbers.announced, including: numbers.included)
    }

    /// Tells the count, and the announcements since it was taken.
    private func tell(_ count: Int, including announcements: CountedAnnouncements) {
        hearsAfter = announcements
        guard let identity else { return }
        let welcome = services.rules.welcome.text(for: identity.username)
        say(.connected(user: identity.user ?? "", welcome: welcome, onlineCount: count))
        for delivery in services.announcements.announcements.after(announcements) where !isAbout(delivery) {
            say(.delivery(delivery))
        }
    }

    private func isAbout(_ delivery: Delivery) -> Bool { delivery.event.object["user_id"]?.string == user }

    // MARK: Messages to the user

    /// Joins the rooms of the user, of its teams and of everyone, where the dialect has rooms, by the current token.
    func followPersonalChannels(_ done: @escaping () -> Void) {
        let wanted = personalChannels
        for kind in [ChannelName.Kind.user, .team, .everyone] {
            for channel in following.channels(of: connection, kind) where !wanted.contains(channel) {
                following.leave(connection, channel)
            }
        }
        var waiting = wanted.count
        for channel in wanted {
            following.joinQuietly(connection, channel) {
                waiting -= 1
                if waiting == 0 { done() }
            }
        }
    }

    private var personalChannels: [ChannelName] {
        guard let identity, let user = identity.user.flatMap(Identifier.init) else { return [] }
        let teams = identity.teams.prefix(viewers.limits.teamsPerToken).compactMap(Identifier.init)
        let all = [.user(user)] + teams.map(ChannelName.team) + [.everyone]
        return all.filter { traits.rooms.contains($0.kind) }
    }
}
