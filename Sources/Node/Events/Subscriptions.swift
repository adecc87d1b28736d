import Events
import Dialects
import EventLoop
import Hub
import Store
import RESP
import Redis

/// Which channels the loop is subscribed to in Redis, and who waits to be let in.
///
/// A viewer becomes a member of its channel only when the channel is live: subscribed, confirmed, read. Until then it waits,
/// so that state and live stream follow each other without a gap or a duplicate.
final class Subscriptions: RedisSubscriberHandler {
    unowned let core: LoopCore
    private var subscriber: RedisSubscriber!
    /// The viewers that wait to be let in.
    var waiting = WaitingList<Connection, Channel, Follow.Joiner>()

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

    /// Lets a connection ask how a task stands: `didEnter` is called once it may be answered, and every change from then on
    /// is the answer, or told behind it.
    func joinToAsk(
        _ connection: Connection, _ name: ChannelName, _ question: Follow.Question, didEnter: @escaping () -> Void
    ) {
        join(
            Follow.Joiner(
                connection: connection, since: nil, request: question.request, interest: .updates, isQuiet: true,
                didEnter: didEnter, question: question), name)
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
        let stopped = waiting.removeAll(of: connection, for: channel) { interest.contains($0.interest) }
        core.hub.leave(connection.subscriber, channel, noLonger: interest)
        core.presence.viewers.didChange(name)
        closeIfUnwatched(channel)
        // Who has asked is answered, whatever it wants to be told later.
        for joiner in stopped where joiner.interest == .updates && joiner.waitsFor != .answer { joiner.didEnter?() }
    }

    /// The channels of a kind that the connection follows.
    func channels(of connection: Connection, _ kind: ChannelName.Kind) -> [ChannelName] {
        connection.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// The connection is closing: it follows nothing any more. What was queued for it is still written.
    func leaveAll(_ connection: Connection) {
        for (channel, _) in waiting.removeAll(of: connection) { closeIfUnwatched(channel) }
        for channel in core.hub.leaveAll(connection.subscriber) {
            core.presence.viewers.didChange(channel.name)
            closeIfUnwatched(channel)
        }
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
            || waiting.waits(of: connection).contains { $0.what == channel && $0.wish.interest == interest }
    }

    /// How many channels the connection has subscribed to: not those of its user and teams, nor those it has only asked about.
    func count(of connection: Connection) -> Int {
        connection.subscriber.channels { $0.contains(.events) }.count { !$0.name.isPersonal }
            + waiting.waits(of: connection).count { $0.wish.interest != .updates && !$0.what.name.isPersonal }
    }

    /// Makes room to tell a connection how one more channel changes: where it has only asked about `most` others, it is told
    /// no more of the one it was told of for the longest. False where all of them are still to be told at all.
    func makeRoomForUpdates(of name: ChannelName, to connection: Connection, most: Int) -> Bool {
        guard !follows(connection, name, taking: .updates) else { return true }
        let asked = connection.subscriber.channels { $0 == .updates }
        let waitingUpdates = waiting.waits(of: connection).count { $0.wish.interest == .updates }
        guard asked.count + waitingUpdates >= most else { return true }
        guard let longest = asked.first else { return false }
        leave(connection, longest.name, noLonger: .updates)
        return true
    }

    // MARK: Channels

    /// Gives a channel up that nobody watches, a little later: a page reload comes back sooner.
    func closeIfUnwatched(_ channel: Channel) {
        guard isUnwatched(channel) else { return }
        let follow = channel.follow
        // Begun once: were it begun anew whenever others leave, it would never be over while they come and go.
        guard follow.linger == nil else { return }
        follow.linger = core.loop.schedule(after: core.limits.lingerMilliseconds) { [weak self] in
            follow.linger = nil
            guard let self, isUnwatched(channel) else { return }
            close(channel)
        }
    }

    private func isUnwatched(_ channel: Channel) -> Bool {
        channel.memberCount == 0 && waiting.isEmpty(for: channel)
    }

    /// Gives a channel up.
    private func close(_ channel: Channel) {
        channel.follow.stopLingering()
        channel.follow.retry?.cancel()
        channel.follow.missed?.cancel()
        channel.recent = nil
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
        if let poll = core.poll, channel.elementsEqual(poll.restartsChannel.utf8) {
            return poll.hear(ofRestart: payload)
        }
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
        for joiner in waiting.removeAll(for: channel, where: { _ in true }) { refuse(joiner, channel.name) }
        // Whoever asks next has it tried again.
        if channel.memberCount == 0 { close(channel) }
    }

    private func refuse(_ joiner: Follow.Joiner, _ name: ChannelName) {
        guard !name.isPersonal, joiner.question?.isAnswered != true else { return }
        joiner.question?.isAnswered = true
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
