import Dialects
import EventLoop
import Hub
import Presence
import RedisClient
import Tasks

/// Which channels the loop is subscribed to in Redis, and who waits to be let in (REDIS.md 2.1).
///
/// A viewer becomes a member of its channel only when the channel is live: subscribed, confirmed, read. Until then it waits,
/// so that state and live stream follow each other without a gap or a duplicate.
final class Subscriptions: RedisSubscriberHandler {
    /// A viewer that waits for its channel to be live.
    private struct Joiner {
        let connection: Connection
        let since: Position?
        let request: RequestID?
        /// What it is to get; a subscription is told so, anything else is quiet.
        var interest = Interest.events
        var isQuiet = false
        var didEnter: (() -> Void)?
        /// What it missed is being read; it waits for that, not for the channel.
        var isResuming = false
    }

    /// What is going on around one channel.
    private final class Follow {
        var joiners: [Joiner] = []
        var linger: Timer?
        var retry: Timer?
        var readNumber = 0  // only the answer to the last read counts
        var lastRead: UInt64 = 0
    }

    private unowned let core: LoopCore
    private var subscriber: RedisSubscriber!
    private var follows: [ObjectIdentifier: Follow] = [:]

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
        join(Joiner(connection: connection, since: since, request: request), name)
    }

    /// Gives a connection what is addressed to a user, a team or everyone, or what changes a task it has asked about,
    /// without saying so. `didEnter` is called once it gets everything that comes.
    func joinQuietly(
        _ connection: Connection, _ name: ChannelName, taking interest: Interest, request: RequestID? = nil,
        didEnter: (() -> Void)? = nil
    ) {
        let joiner = Joiner(
            connection: connection, since: nil, request: request, interest: interest, isQuiet: true, didEnter: didEnter)
        join(joiner, name)
    }

    private func join(_ joiner: Joiner, _ name: ChannelName) {
        let redisName = core.shared.configuration.naming.channel(name.text)
        let (channel, isNew) = core.hub.openChannel(name, redisName: redisName)
        let follow = follow(channel)
        follow.linger?.cancel()
        if isNew { subscriber.subscribe(redisName) }
        if channel.sync.isLive { admit(joiner, to: channel) } else { wait(joiner, for: channel, isResuming: false) }
    }

    /// The connection no longer follows the channel.
    func leave(_ connection: Connection, _ name: ChannelName) {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return }
        stopWaiting(connection, for: channel, to: .events)
        core.hub.leave(connection.subscriber, channel, noLonger: .events)
        core.presence.viewers.didChange(name)
        closeIfUnwatched(channel)
    }

    /// The channels of a kind that the connection follows.
    func channels(of connection: Connection, _ kind: ChannelName.Kind) -> [ChannelName] {
        connection.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// The connection is closing: it follows nothing any more. What was queued for it is still written.
    func leaveAll(_ connection: Connection) {
        if connection.waitingSubscriptions > 0 {
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

    private func stopWaiting(_ connection: Connection, for channel: Channel, to take: Interest) {
        let follow = follow(channel)
        let before = follow.joiners.count
        follow.joiners.removeAll { $0.connection === connection && take.contains($0.interest) }
        connection.waitingSubscriptions -= before - follow.joiners.count
    }

    /// What the connection gets of the channel now.
    func interest(of connection: Connection, in name: ChannelName) -> Interest {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return [] }
        return core.hub.interest(of: connection.subscriber, in: channel)
    }

    /// Whether the connection gets anything of the channel, or will.
    func follows(_ connection: Connection, _ name: ChannelName) -> Bool {
        guard let channel = core.hub.channel(core.shared.configuration.naming.channel(name.text)) else { return false }
        return core.hub.isMember(connection.subscriber, of: channel)
            || follow(channel).joiners.contains { $0.connection === connection }
    }

    /// How many channels the connection has asked for: not those of its user and teams.
    func count(of connection: Connection) -> Int {
        connection.subscriber.channels.count { !$0.name.isPersonal } + connection.waitingSubscriptions
    }

    /// Lets a viewer into a live channel: one that comes back gets what it missed, any other the state.
    private func admit(_ joiner: Joiner, to channel: Channel) {
        guard var since = joiner.since else { return enter(joiner, channel, recovered: nil) }
        if since.epoch == ReadScript.anyEpoch { since.epoch = channel.sync.position?.epoch ?? since.epoch }
        guard since != channel.sync.position else { return enter(joiner, channel, recovered: true) }
        guard since.epoch == channel.sync.position?.epoch else { return enter(joiner, channel, recovered: false) }
        if let missed = channel.recent.after(since) {
            return enter(joiner, channel, recovered: true, missed: Array(missed))
        }
        wait(joiner, for: channel, isResuming: true)
        replay(to: joiner, channel, from: since, missed: [], readsLeft: Self.maxReplayReads)
    }

    private func wait(_ joiner: Joiner, for channel: Channel, isResuming: Bool) {
        var joiner = joiner
        joiner.isResuming = isResuming
        follow(channel).joiners.append(joiner)
        joiner.connection.waitingSubscriptions += 1
    }

    /// The channel moves on while its history is read; a viewer that is not caught up after so many reads gets the state.
    private static let maxReplayReads = 5

    /// Reads what the viewer missed, until that reaches where the channel stands, then lets it in behind it.
    private func replay(to joiner: Joiner, _ channel: Channel, from since: Position, missed: [[UInt8]], readsLeft: Int)
    {
        read(channel.name, since: since) { [weak self, weak channel] result in
            // It may have left meanwhile, or the connection to Redis was lost: then it waits like any other.
            guard let self, let channel, stopResuming(joiner, channel) else { return }
            guard channel.sync.isLive else { return wait(joiner, for: channel, isResuming: false) }
            guard case .success(let answer) = result, answer.recovered, let top = answer.top,
                let now = channel.sync.position,
                now.epoch == top.epoch, readsLeft > 1
            else { return enter(joiner, channel, recovered: false) }
            let entries = missed + answer.entries
            if top.sequence < now.sequence {
                wait(joiner, for: channel, isResuming: true)
                return replay(to: joiner, channel, from: top, missed: entries, readsLeft: readsLeft - 1)
            }
            // What is beyond the channel's position is on its way and comes live.
            let known = entries.prefix(max(0, entries.count - Int(top.sequence - now.sequence)))
            enter(joiner, channel, recovered: true, missed: Array(known))
        }
    }

    /// Takes a viewer whose history was read out of those that wait; false when it is not there any more.
    private func stopResuming(_ joiner: Joiner, _ channel: Channel) -> Bool {
        let follow = follow(channel)
        guard let place = follow.joiners.firstIndex(where: { $0.connection === joiner.connection && $0.isResuming })
        else {
            return false
        }
        follow.joiners.remove(at: place)
        joiner.connection.waitingSubscriptions -= 1
        return true
    }

    /// Says where the viewer stands, then what it needs to know, and lets the live stream through.
    private func enter(_ joiner: Joiner, _ channel: Channel, recovered: Bool?, missed: [[UInt8]] = []) {
        guard let viewer = joiner.connection.viewer else { return }
        guard channel.name.isPersonal || viewer.mayWatch(channel.name, owner: channel.owner) else {
            closeIfUnwatched(channel)
            return viewer.refuseToShow(channel.name, request: joiner.request)
        }
        defer {
            core.hub.join(joiner.connection.subscriber, channel, taking: joiner.interest)
            core.presence.viewers.didChange(channel.name)
            joiner.didEnter?()
        }
        guard !joiner.isQuiet else { return }
        viewer.say(
            .subscribed(channel.name, position: channel.sync.position, recovered: recovered, request: joiner.request))
        if recovered == true {
            for delivery in core.events.deliveries(missed, on: channel) {
                viewer.say(.delivery(delivery))
                if delivery.event.needsAcknowledgement { viewer.expectAcknowledgement(of: delivery) }
            }
        } else if let snapshot = EventPath.snapshot(of: channel) {
            viewer.say(.delivery(snapshot))
        }
    }

    /// Tells one connection how a task stands, as `requestStatus` asks: as it is stored, once its third party has been
    /// asked, where it waits for one. `isRepeated`: the connection has asked before.
    func tellState(of name: ChannelName, to connection: Connection, isRepeated: Bool, request: RequestID?) {
        readState(of: name, for: connection, request: request) { [weak self] delivery, conversation in
            guard let inquiries = self?.core.inquiries, name.kind == .task,
                ThirdPartyStatus.isAwaited(delivery.knowledge.status)
            else { return conversation.say(.taskUpdate(delivery, request: request)) }
            inquiries.ask(about: name, isEager: isRepeated, for: conversation.session) {
                [weak self, weak connection] outcome in
                guard let self, let connection, let conversation = connection.webSocket else { return }
                guard outcome == .mayHaveChanged else {
                    return conversation.say(.taskUpdate(delivery, request: request))
                }
                readState(of: name, for: connection, request: request) { delivery, conversation in
                    conversation.say(.taskUpdate(delivery, request: request))
                }
            }
        }
    }

    /// Reads a task's stored state for a connection, or tells it why it does not get it.
    private func readState(
        of name: ChannelName, for connection: Connection, request: RequestID?,
        _ body: @escaping (Delivery, WebSocketConversation) -> Void
    ) {
        read(name, since: nil) { [weak self, weak connection] result in
            guard let self, let conversation = connection?.webSocket else { return }
            guard case .success(let answer) = result else {
                let fault = Fault(.unavailable, "the state cannot be read now", subject: name)
                return conversation.say(.fault(fault, request: request))
            }
            guard conversation.session.mayWatch(name, owner: answer.owner) else {
                return conversation.refuseToShow(name, request: request)
            }
            guard let delivery = core.events.state(in: answer, of: name) else {
                let fault = Fault(.notFound, "nothing is known of this task", subject: name)
                return conversation.say(.fault(fault, request: request))
            }
            body(delivery, conversation)
        }
    }

    // MARK: Channels

    private func follow(_ channel: Channel) -> Follow {
        let id = ObjectIdentifier(channel)
        if let follow = follows[id] { return follow }
        let follow = Follow()
        follows[id] = follow
        return follow
    }

    /// Gives a channel up that nobody watches, a little later: a page reload comes back sooner.
    private func closeIfUnwatched(_ channel: Channel) {
        let follow = follow(channel)
        guard channel.memberCount == 0, follow.joiners.isEmpty else { return }
        follow.linger?.cancel()
        follow.linger = core.loop.schedule(after: core.limits.lingerMilliseconds) { [weak self] in
            guard let self, channel.memberCount == 0, follow.joiners.isEmpty else { return }
            follow.retry?.cancel()
            follows[ObjectIdentifier(channel)] = nil
            core.events.forget(channel)
            core.hub.closeChannel(channel)
            subscriber.unsubscribe(channel.redisName)
        }
    }

    // MARK: Reading

    /// Redis takes commands again: reads that could not be sent are sent now.
    func redisIsReady() {
        for channel in core.hub.channels where channel.sync.isReading { read(channel) }
    }

    /// Reads what came since the channel's position, at most once in a while.
    func read(_ channel: Channel) {
        let follow = follow(channel)
        let next = follow.lastRead + core.limits.repairMilliseconds
        guard follow.lastRead == 0 || core.loop.now >= next else {
            return retryRead(channel, after: next - core.loop.now)
        }
        follow.retry?.cancel()
        follow.lastRead = core.loop.now
        follow.readNumber += 1
        let number = follow.readNumber
        channel.sync.willReadAgain()
        read(channel.name, since: channel.sync.position) { [weak self, weak channel, weak follow] result in
            guard let self, let channel, let follow, follow.readNumber == number, channel.sync.isReading else { return }
            switch result {
            case .success(let answer): apply(answer, to: channel)
            // Not ready: `redisIsReady` reads again. Anything else: again in a while.
            case .failure(.notReady): break
            case .failure: retryRead(channel, after: core.limits.repairMilliseconds)
            }
        }
    }

    private func retryRead(_ channel: Channel, after milliseconds: UInt64) {
        let follow = follow(channel)
        follow.retry?.cancel()
        follow.retry = core.loop.schedule(after: milliseconds) { [weak self, weak channel] in
            guard let self, let channel, channel.sync.isReading else { return }
            read(channel)
        }
    }

    /// Reads a channel's position, state, and what it has after `since`.
    func read(
        _ name: ChannelName, since: Position?, _ completion: @escaping (Result<ChannelAnswer, RedisError>) -> Void
    ) {
        guard let runID = core.redis.runID else { return completion(.failure(.notReady)) }
        core.counters.channelReads += 1
        let configuration = core.shared.configuration
        let arguments = [
            runID, since?.epoch ?? "", since.map { "\($0.sequence)" } ?? "", "\(configuration.history.bytes)",
        ]
        core.redis.run(
            RedisScripts.read, keys: PublishScript.keys(channel: name, naming: configuration.naming),
            arguments: arguments.map { Array($0.utf8) }
        ) { result in completion(result.map { ChannelAnswer($0) }) }
    }

    private func apply(_ answer: ChannelAnswer, to channel: Channel) {
        let known = channel.sync.position
        channel.owner = channel.owner ?? answer.owner
        let waiting = channel.sync.didRead(top: answer.top)
        if answer.recovered {
            core.events.replay(answer.entries, on: channel)
        } else if answer.top != nil {
            core.events.restore(answer, on: channel)
            if known != answer.top, let snapshot = EventPath.snapshot(of: channel) {
                core.events.fanOut(snapshot, on: channel)
            }
        }
        core.events.receive(waiting: waiting, on: channel)
        guard channel.sync.isLive else { return }
        let joiners = follow(channel).joiners.filter { !$0.isResuming }
        follow(channel).joiners.removeAll { !$0.isResuming }
        for joiner in joiners {
            joiner.connection.waitingSubscriptions -= 1
            admit(joiner, to: channel)
        }
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
        guard let channel = core.hub.channel(name) else { return }
        channel.sync.didSubscribe()
        guard channel.name.isPersonal else { return read(channel) }
        let hasMembers = channel.memberCount > 0
        apply(.unpublished, to: channel)
        // What was announced while this loop did not hear is in nobody's count.
        if channel.name == .everyone, hasMembers { core.presence.heartbeat { [core] in core.tellCounts() } }
    }

    func subscriber(_ subscriber: RedisSubscriber, didRefuse name: String, error: RedisReplyError) {
        core.log.error("Redis refuses a channel", ["channel": .text(name), "reason": .text("\(error)")])
        guard let channel = core.hub.channel(name) else { return }
        let fault = Fault(.unavailable, "this channel cannot be followed now", subject: channel.name)
        for joiner in follow(channel).joiners where !channel.name.isPersonal {
            joiner.connection.viewer?.say(.fault(fault, request: joiner.request))
        }
    }

    func subscriberDidDisconnect(_ subscriber: RedisSubscriber) {
        for channel in core.hub.channels { channel.sync.didDisconnect() }
    }

    func subscriberDidReconnect(_ subscriber: RedisSubscriber) {}
}
