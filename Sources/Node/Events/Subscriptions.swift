import Dialects
import EventLoop
import Hub
import Presence
import RedisClient
import Tasks

/// Which channels the loop is subscribed to in Redis, and who waits to be let in.
///
/// A viewer becomes a member of its channel only when the channel is live: subscribed, confirmed, read. Until then it waits,
/// so that state and live stream follow each other without a gap or a duplicate.
final class Subscriptions: RedisSubscriberHandler {
    unowned let core: LoopCore
    private var subscriber: RedisSubscriber!

    init(core: LoopCore, endpoint: RedisEndpoint, name: String) {
        self.core = core
        subscriber = RedisSubscriber(loop: core.loop, endpoint: endpoint, name: name, handler: self)
    }

    func start() {
        subscriber.onEvent = { [unowned core] in
            RedisLogging.log($0, connection: "pubsub", loop: core.index, to: core.log)
            core.note($0, \.pubsub)
        }
        subscriber.start()
    }

    func close() { subscriber.close() }

    /// Gives up the connection, however healthy it looks, and makes another.
    func reconnect() { subscriber.reconnect() }

    /// Hears what is meant for this loop alone.
    func subscribe(control channel: String) { subscriber.subscribe(channel) }
    func unsubscribe(control channel: String) { subscriber.unsubscribe(channel) }

    /// Whether the pub/sub connection stands.
    var isReady: Bool { subscriber.isReady }

    // MARK: Viewers

    /// Lets a connection follow a channel: from now on where the channel is live, else as soon as it is.
    func join(_ connection: Connection, _ name: ChannelName, since: Position?, request: RequestID?) {
        join(Follow.Joiner(connection: connection, since: since, request: request), name)
    }

    /// Gives a connection what is addressed to a user, a team or everyone, or what changes a task it has asked about,
    /// without saying so. `didEnter` is called once it gets everything that comes.
    func joinQuietly(
        _ connection: Connection, _ name: ChannelName, taking interest: Interest, request: RequestID? = nil,
        didEnter: (() -> Void)? = nil
    ) {
        let joiner = Follow.Joiner(
            connection: connection, since: nil, request: request, interest: interest, isQuiet: true, didEnter: didEnter)
        join(joiner, name)
    }

    private func join(_ joiner: Follow.Joiner, _ name: ChannelName) {
        let redisName = core.shared.configuration.naming.channel(name.text)
        let (channel, isNew) = core.hub.openChannel(name, redisName: redisName)
        channel.follow.stopLingering()
        if isNew { subscriber.subscribe(redisName) }
        if channel.follow.isRefused { return refuse(joiner, name) }
        if channel.sync.isLive { admit(joiner, to: channel) } else { wait(joiner, for: channel) }
    }

    /// The connection no longer follows the channel, nor is it told how that changes.
    func leave(_ connection: Connection, _ name: ChannelName, noLonger interest: Interest = [.events, .updates]) {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return }
        let stopped = stopWaiting(connection, for: channel, to: interest)
        core.hub.leave(connection.subscriber, channel, noLonger: interest)
        core.presence.viewers.didChange(name)
        closeIfUnwatched(channel)
        // Who has asked is answered, whatever it wants to be told later.
        for joiner in stopped where joiner.interest == .updates { joiner.didEnter?() }
    }

    /// The channels of a kind that the connection follows.
    func channels(of connection: Connection, _ kind: ChannelName.Kind) -> [ChannelName] {
        connection.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// The connection is closing: it follows nothing any more. What was queued for it is still written.
    func leaveAll(_ connection: Connection) {
        if connection.waitingSubscriptions + connection.waitingUpdates > 0 {
            for channel in core.hub.channels {
                stopWaiting(connection, for: channel, to: [.events, .updates])
                closeIfUnwatched(channel)
            }
        }
        for channel in core.hub.leaveAll(connection.subscriber) {
            core.presence.viewers.didChange(channel.name)
            closeIfUnwatched(channel)
        }
    }

    /// Answers those that waited.
    @discardableResult
    private func stopWaiting(_ connection: Connection, for channel: Channel, to take: Interest) -> [Follow.Joiner] {
        let follow = channel.follow
        let isMeant = { (joiner: Follow.Joiner) in joiner.connection === connection && take.contains(joiner.interest) }
        let stopped = follow.joiners.filter(isMeant)
        follow.joiners.removeAll(where: isMeant)
        for joiner in stopped { joiner.count(-1) }
        return stopped
    }

    /// What the connection gets of the channel now.
    func interest(of connection: Connection, in name: ChannelName) -> Interest {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return [] }
        return core.hub.interest(of: connection.subscriber, in: channel)
    }

    /// Whether the connection gets this of the channel, or will.
    func follows(_ connection: Connection, _ name: ChannelName, taking interest: Interest) -> Bool {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return false }
        return core.hub.interest(of: connection.subscriber, in: channel).contains(interest)
            || channel.follow.joiners.contains { $0.connection === connection && $0.interest == interest }
    }

    /// How many channels the connection has subscribed to: not those of its user and teams, nor those it has only asked about.
    func count(of connection: Connection) -> Int {
        connection.subscriber.channels { $0.contains(.events) }.count { !$0.name.isPersonal }
            + connection.waitingSubscriptions
    }

    /// Makes room to tell a connection how one more channel changes: where it has only asked about `most` others, it is told
    /// no more of the one it was told of for the longest. False where all of them are still to be told at all.
    func makeRoomForUpdates(of name: ChannelName, to connection: Connection, most: Int) -> Bool {
        guard !follows(connection, name, taking: .updates) else { return true }
        let asked = connection.subscriber.channels { $0 == .updates }
        guard asked.count + connection.waitingUpdates >= most else { return true }
        guard let longest = asked.first else { return false }
        leave(connection, longest.name, noLonger: .updates)
        return true
    }

    // MARK: Channels

    /// Gives a channel up that nobody watches, a little later: a page reload comes back sooner.
    func closeIfUnwatched(_ channel: Channel) {
        let follow = channel.follow
        // Begun once: were it begun anew whenever others leave, it would never be over while they come and go.
        guard channel.memberCount == 0, follow.joiners.isEmpty, follow.linger == nil else { return }
        follow.linger = core.loop.schedule(after: core.limits.lingerMilliseconds) { [weak self] in
            follow.linger = nil
            guard let self, channel.memberCount == 0, follow.joiners.isEmpty else { return }
            close(channel)
        }
    }

    /// Gives a channel up.
    private func close(_ channel: Channel) {
        channel.follow.stopLingering()
        channel.follow.retry?.cancel()
        core.events.forget(channel)
        core.hub.closeChannel(channel)
        subscriber.unsubscribe(channel.redisName)
    }

    // MARK: Redis

    func subscriber(
        _ subscriber: RedisSubscriber, didReceive payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer
    ) {
        guard !core.isDropping() else { return }
        // Somebody may have left while the message was on its way.
        guard let channel = core.hub.channel(channel) else { return control(payload, on: channel) }
        if channel.name.isPersonal {
            core.personal.receive(payload, on: channel)
        } else {
            core.events.receive(payload, on: channel)
        }
    }

    /// What is said to this loop alone.
    private func control(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        guard channel.elementsEqual(core.presence.keys.control(of: core.presence.incarnation).utf8) else { return }
        switch ControlMessage(payload) {
        case .probe: core.probe.didHear()
        case .close(let user): core.closeConnections(of: user)
        case nil: core.counters.eventsInvalid += 1
        }
    }

    func subscriberDidFeed(_ subscriber: RedisSubscriber) { core.hub.flush() }

    func subscriber(_ subscriber: RedisSubscriber, didSubscribe name: String) {
        guard let channel = core.hub.channel(name) else {
            if name == core.presence.keys.control(of: core.presence.incarnation) { core.probe.didSubscribe() }
            return
        }
        channel.follow.isRefused = false
        channel.sync.didSubscribe()
        guard channel.name.isPersonal else { return read(channel) }
        let hasMembers = channel.memberCount > 0
        apply(.unpublished, to: channel)
        // What was announced while this loop did not hear is in nobody's count.
        if channel.name == .everyone, hasMembers { core.presence.tellCounts() }
    }

    func subscriber(_ subscriber: RedisSubscriber, didRefuse name: String, error: RedisReplyError) {
        core.log.error("Redis refuses a channel", ["channel": .text(name), "reason": .text("\(error)")])
        guard let channel = core.hub.channel(name) else { return }
        channel.follow.isRefused = true
        let refused = channel.follow.joiners
        channel.follow.joiners = []
        for joiner in refused {
            joiner.count(-1)
            refuse(joiner, channel.name)
        }
        // Whoever asks next has it tried again.
        if channel.memberCount == 0 { close(channel) }
    }

    private func refuse(_ joiner: Follow.Joiner, _ name: ChannelName) {
        guard !name.isPersonal else { return }
        let fault = Fault(.unavailable, "this channel cannot be followed now", subject: name)
        joiner.connection.viewer?.say(.fault(fault, request: joiner.request))
    }

    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) {
        for channel in core.hub.channels {
            channel.sync.didDisconnect()
            // What is under way was read before the subscription that will come.
            channel.follow.readNumber += 1
        }
        core.probe.didDisconnect()
    }

    func subscriberDidReconnect(_ subscriber: RedisSubscriber) {}
}
