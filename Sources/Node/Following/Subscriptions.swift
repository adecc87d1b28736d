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
final class Subscriptions: BusHandler {
    let loop: EventLoop
    let hub: Hub
    let events: EventPath
    let store: ChannelStore
    let naming: Naming
    let limits: FollowingLimits
    let log: Log
    private let personal: PersonalPath
    private let probe: PubSubProbe
    private let tally: FollowingTally
    private let index: Int
    private let bus: any Bus
    /// The loop's own channel, as Redis spells it.
    private var control: String?
    /// Where it is said which tasks run again, as Redis spells it, and who is told.
    private var restarts: (channel: String, tell: (UnsafeRawBufferPointer) -> Void)?
    /// The viewers that wait to be let in.
    var waiting = WaitingList<ObjectIdentifier, Channel, Joiner>()

    /// Whoever asks third parties; nil where there are none.
    weak var inquirer: (any Inquirer)?
    /// Told of a channel that somebody has begun to watch, or ceased to.
    var viewersDidChange: (ChannelName) -> Void = { _ in }
    /// Told that announcements to everyone may have gone by unheard.
    var didMissAnnouncements: () -> Void = {}
    /// Told to close a user's connections.
    var closeConnections: (_ user: String) -> Void = { _ in }

    /// `index` is the loop's number.
    init(
        index: Int, loop: EventLoop, hub: Hub, events: EventPath, personal: PersonalPath, store: ChannelStore,
        probe: PubSubProbe, bus: any Bus, naming: Naming, limits: FollowingLimits, log: Log, tally: FollowingTally
    ) {
        self.index = index
        self.loop = loop
        self.hub = hub
        self.events = events
        self.personal = personal
        self.store = store
        self.probe = probe
        self.naming = naming
        self.limits = limits
        self.log = log
        self.tally = tally
        self.bus = bus
        events.subscriptions = self
        probe.reconnect = { [unowned self] in
            log.warning("Redis delivers nothing to this loop; subscribing anew", ["loop": .number(index)])
            reconnect()
        }
    }

    /// What the loop has counted.
    var counters: FollowingCounters { tally.counters }

    /// Gives up the connection that hears this loop's own channel, however healthy it looks, and makes another.
    func reconnect() { if let control { bus.reconnect(hearing: control) } }

    /// Hears what is meant for this loop alone.
    func subscribe(control channel: String) {
        control = channel
        probe.channel = channel
        bus.subscribe(channel)
    }

    /// No longer hears what is said on that channel.
    func unsubscribe(control channel: String) { bus.unsubscribe(channel) }

    /// Hears which tasks run again: each message is a task's channel.
    func subscribe(restarts channel: String, _ tell: @escaping (UnsafeRawBufferPointer) -> Void) {
        restarts = (channel, tell)
        bus.subscribe(channel)
    }

    /// Whether messages are heard.
    var isReady: Bool { bus.isListening }

    // MARK: Viewers

    /// Lets a connection follow a channel: from now on where the channel is live, else as soon as it is.
    func join(_ viewer: any Viewer, _ name: ChannelName, since: Position?, request: RequestID?) {
        join(Joiner(viewer: viewer, since: since, request: request), name)
    }

    /// Gives a connection what is addressed to a user, a team or everyone, or what changes a task it has asked about,
    /// without saying so. `didEnter` is called once it gets everything that comes.
    func joinQuietly(
        _ viewer: any Viewer, _ name: ChannelName, taking interest: Interest, request: RequestID? = nil,
        didEnter: (() -> Void)? = nil
    ) {
        let joiner = Joiner(
            viewer: viewer, since: nil, request: request, interest: interest, isQuiet: true, didEnter: didEnter)
        join(joiner, name)
    }

    /// Lets a connection ask how a task stands: `didEnter` is called once it may be answered, and every change from then on
    /// is the answer, or told behind it.
    func joinToAsk(
        _ viewer: any Viewer, _ name: ChannelName, _ question: Question, didEnter: @escaping () -> Void
    ) {
        join(
            Joiner(
                viewer: viewer, since: nil, request: question.request, interest: .updates, isQuiet: true,
                didEnter: didEnter, question: question), name)
    }

    private func join(_ joiner: Joiner, _ name: ChannelName) {
        let redisName = naming.channel(name.text)
        let (channel, isNew) = hub.openChannel(name, redisName: redisName)
        channel.follow.stopLingering()
        if isNew { bus.subscribe(redisName) }
        if channel.follow.isRefused { return refuse(joiner, name) }
        if channel.sync.isLive { admit(joiner, to: channel) } else { wait(joiner, for: channel) }
    }

    /// The connection no longer follows the channel, nor is it told how that changes.
    func leave(_ viewer: any Viewer, _ name: ChannelName, noLonger interest: Interest = [.events, .updates]) {
        guard let channel = hub.channel(naming.channel(name.text)) else { return }
        let stopped = waiting.removeAll(of: ObjectIdentifier(viewer.subscriber), for: channel) {
            interest.contains($0.interest)
        }
        hub.leave(viewer.subscriber, channel, noLonger: interest)
        viewersDidChange(name)
        closeIfUnwatched(channel)
        // Who has asked is answered, whatever it wants to be told later.
        for joiner in stopped where joiner.interest == .updates && joiner.waitsFor != .answer { joiner.didEnter?() }
    }

    /// The channels of a kind that the connection follows.
    func channels(of viewer: any Viewer, _ kind: ChannelName.Kind) -> [ChannelName] {
        viewer.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// The connection is closing: it follows nothing any more. What was queued for it is still written.
    func leaveAll(_ viewer: any Viewer) {
        for (channel, _) in waiting.removeAll(of: ObjectIdentifier(viewer.subscriber)) { closeIfUnwatched(channel) }
        for channel in hub.leaveAll(viewer.subscriber) {
            viewersDidChange(channel.name)
            closeIfUnwatched(channel)
        }
    }

    /// What the connection gets of the channel now.
    func interest(of viewer: any Viewer, in name: ChannelName) -> Interest {
        guard let channel = hub.channel(naming.channel(name.text)) else { return [] }
        return hub.interest(of: viewer.subscriber, in: channel)
    }

    /// Whether the connection gets this of the channel, or will.
    func follows(_ viewer: any Viewer, _ name: ChannelName, taking interest: Interest) -> Bool {
        guard let channel = hub.channel(naming.channel(name.text)) else { return false }
        return hub.interest(of: viewer.subscriber, in: channel).contains(interest)
            || waiting.waits(of: ObjectIdentifier(viewer.subscriber)).contains {
                $0.what == channel && $0.wish.interest == interest
            }
    }

    /// How many channels the connection has subscribed to: not those of its user and teams, nor those it has only asked about.
    func count(of viewer: any Viewer) -> Int {
        viewer.subscriber.channels { $0.contains(.events) }.count { !$0.name.isPersonal }
            + waiting.waits(of: ObjectIdentifier(viewer.subscriber)).count {
                $0.wish.interest != .updates && !$0.what.name.isPersonal
            }
    }

    /// Makes room to tell a connection how one more channel changes: where it has only asked about `most` others, it is told
    /// no more of the one it was told of for the longest. False where all of them are still to be told at all.
    func makeRoomForUpdates(of name: ChannelName, to viewer: any Viewer, most: Int) -> Bool {
        guard !follows(viewer, name, taking: .updates) else { return true }
        let asked = viewer.subscriber.channels { $0 == .updates }
        let waitingUpdates = waiting.waits(of: ObjectIdentifier(viewer.subscriber)).count {
            $0.wish.interest == .updates
        }
        guard asked.count + waitingUpdates >= most else { return true }
        guard let longest = asked.first else { return false }
        leave(viewer, longest.name, noLonger: .updates)
        return true
    }

    // MARK: Channels

    /// Gives a channel up that nobody watches, a little later: a page reload comes back sooner.
    func closeIfUnwatched(_ channel: Channel) {
        guard isUnwatched(channel) else { return }
        let follow = channel.follow
        // Begun once: were it begun anew whenever others leave, it would never be over while they come and go.
        guard follow.linger == nil else { return }
        follow.linger = loop.schedule(after: limits.lingerMilliseconds) { [weak self] in
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
        hub.closeChannel(channel)
        bus.unsubscribe(channel.redisName)
    }

    /// A channel was found to be behind Redis without a sign.
    func didFindBehind(_ channel: Channel) {
        tally.counters.positionsBehind += 1
        channel.sync.willCheck()
        read(channel)
    }

    // MARK: Redis

    /// Whether a message is to be thrown away, so that tests can see it repaired.
    private var isDropping: Bool {
        limits.droppedPerThousand > 0 && Double.random(in: 0..<1000) < limits.droppedPerThousand
    }

    func busDidReceive(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        guard !isDropping else { return }
        // Somebody may have left while the message was on its way.
        guard let channel = hub.channel(channel) else { return control(payload, on: channel) }
        if channel.name.isPersonal {
            personal.receive(payload, on: channel) { isAsking($0, about: $1) }
        } else {
            events.receive(payload, on: channel)
        }
    }

    /// What is said to this loop alone.
    private func control(_ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer) {
        if let restarts, channel.elementsEqual(restarts.channel.utf8) { return restarts.tell(payload) }
        guard let control, channel.elementsEqual(control.utf8) else { return }
        switch ControlMessage(payload) {
        case .probe: probe.didHear()
        case .close(let user): closeConnections(user)
        case nil: tally.counters.eventsInvalid += 1
        }
    }

    func busDidFeed() { hub.flush() }

    func busDidSubscribe(_ name: String) {
        guard let channel = hub.channel(name) else {
            if name == control { probe.didSubscribe() }
            return
        }
        channel.follow.isRefused = false
        channel.sync.didSubscribe()
        guard channel.name.isPersonal else { return read(channel) }
        let hasMembers = channel.memberCount > 0
        apply(.unpublished, to: channel)
        // What was announced while this loop did not hear is in nobody's count.
        if channel.name == .everyone, hasMembers { didMissAnnouncements() }
    }

    func busDidRefuse(_ name: String, _ error: RedisReplyError) {
        log.error("Redis refuses a channel", ["channel": .text(name), "reason": .text("\(error)")])
        guard let channel = hub.channel(name) else { return }
        channel.follow.isRefused = true
        for joiner in waiting.removeAll(for: channel, where: { _ in true }) { refuse(joiner, channel.name) }
        // Whoever asks next has it tried again.
        if channel.memberCount == 0 { close(channel) }
    }

    private func refuse(_ joiner: Joiner, _ name: ChannelName) {
        guard !name.isPersonal, joiner.question?.isAnswered != true else { return }
        joiner.question?.isAnswered = true
        let fault = Fault(.unavailable, "this channel cannot be followed now", subject: name)
        joiner.viewer.say(.fault(fault, request: joiner.request))
    }

    func busDidLose(_ channels: LostChannels) {
        switch channels {
        case .all:
            hub.channels.forEach(lose)
            probe.didDisconnect()
        case .some(let names):
            names.compactMap { hub.channel($0) }.forEach(lose)
            if let control, names.contains(control) { probe.didDisconnect() }
        }
    }

    private func lose(_ channel: Channel) {
        channel.sync.didDisconnect()
        // What is under way was read before the subscription that will come.
        channel.follow.readNumber += 1
    }
}
