package import Dialects
package import EventLoop
package import Events
package import Hub
import RESP
package import Redis
package import Store
package import Telemetry

/// Which channels the loop is subscribed to in Redis, and who waits to be let in.
///
/// A viewer becomes a member of its channel only when the channel is live: subscribed, confirmed, read. Until then it waits,
/// so that state and live stream follow each other without a gap or a duplicate. What to do for a channel its
/// ``ChannelState`` decides; here it is done.
package final class Subscriptions {
    let loop: EventLoop
    let hub: Hub
    let bus: any Bus
    let frames: FrameWriter
    let reporter: EventReporter
    /// What channels share when they decide.
    let resources: ChannelResources
    let store: ChannelStore
    let naming: Naming
    let limits: FollowingLimits
    let log: Log
    let personal: PersonalPath
    let probe: PubSubProbe
    /// Whoever asks third parties; nil where there are none.
    let inquirer: (any Inquirer)?
    let tally: FollowingTally
    /// The loop's own channel, as Redis spells it.
    private(set) var control: String?
    /// Where it is said which tasks run again, as Redis spells it, and who is told.
    private(set) var restarts: (channel: String, tell: (UnsafeRawBufferPointer) -> Void)?
    /// The viewers that wait to be let in.
    var waiting = WaitingList<ObjectIdentifier, Channel, Joiner>()

    /// Told of a channel that somebody has begun to watch, or ceased to.
    package var viewersDidChange: (ChannelName) -> Void = { _ in }
    /// Told that announcements to everyone may have gone by unheard.
    package var didMissAnnouncements: () -> Void = {}
    /// Told to close a user's connections.
    package var closeConnections: (_ user: String) -> Void = { _ in }

    package init(
        loop: EventLoop, hub: Hub, bus: any Bus, frames: FrameWriter, reporter: EventReporter,
        resources: ChannelResources, personal: PersonalPath, store: ChannelStore, probe: PubSubProbe,
        inquirer: (any Inquirer)?, naming: Naming, limits: FollowingLimits, log: Log, tally: FollowingTally
    ) {
        self.loop = loop
        self.hub = hub
        self.bus = bus
        self.frames = frames
        self.reporter = reporter
        self.resources = resources
        self.personal = personal
        self.store = store
        self.probe = probe
        self.inquirer = inquirer
        self.naming = naming
        self.limits = limits
        self.log = log
        self.tally = tally
    }

    /// Hears what is meant for this loop alone.
    package func subscribe(control channel: String) {
        control = channel
        probe.channel = channel
        bus.subscribe(channel)
    }

    /// No longer hears what is said on that channel.
    package func unsubscribe(control channel: String) { bus.unsubscribe(channel) }

    /// Hears which tasks run again: each message is a task's channel.
    package func subscribe(restarts channel: String, _ tell: @escaping (UnsafeRawBufferPointer) -> Void) {
        restarts = (channel, tell)
        bus.subscribe(channel)
    }

    /// Whether messages are heard.
    package var isReady: Bool { bus.isListening }

    /// The channel of that name, where somebody follows it.
    func channel(_ name: ChannelName) -> Channel? { hub.channel(naming.channel(name.text)) }
}

/// Viewers that come and go.
extension Subscriptions {
    /// Lets a viewer follow a channel: from now on where the channel is live, else as soon as it is.
    package func join(_ viewer: any Viewer, _ name: ChannelName, since: Position?, request: RequestID?) {
        join(Joiner(viewer: viewer, request: request, newcomer: Newcomer(since: since)), name)
    }

    /// Gives a viewer what is addressed to a user, a team or everyone, without saying so. `didEnter` is called once the viewer
    /// gets everything that comes.
    package func joinQuietly(
        _ viewer: any Viewer, _ name: ChannelName, taking interest: Interest, request: RequestID? = nil,
        didEnter: (() -> Void)? = nil
    ) {
        let newcomer = Newcomer(since: nil, isQuiet: true)
        join(
            Joiner(viewer: viewer, request: request, newcomer: newcomer, interest: interest, didEnter: didEnter), name)
    }

    /// Lets a viewer ask how a task stands: `didEnter` is called once it may be answered, and every change from then on is the
    /// answer, or told behind it.
    func joinToAsk(_ viewer: any Viewer, _ name: ChannelName, _ question: Question, didEnter: @escaping () -> Void) {
        let newcomer = Newcomer(since: nil, isQuiet: true)
        join(
            Joiner(
                viewer: viewer, request: question.request, newcomer: newcomer, interest: .updates, didEnter: didEnter,
                question: question), name)
    }

    private func join(_ joiner: Joiner, _ name: ChannelName) {
        let (channel, isNew) = hub.openChannel(name, redisName: naming.channel(name.text))
        perform(channel.state.willJoin(), on: channel)
        if isNew { bus.subscribe(channel.redisName) }
        admit(joiner, to: channel)
    }

    /// The viewer no longer follows the channel, nor is it told how that changes.
    package func leave(_ viewer: any Viewer, _ name: ChannelName, noLonger interest: Interest = [.events, .updates]) {
        guard let channel = channel(name) else { return }
        let stopped = waiting.removeAll(of: ObjectIdentifier(viewer.subscriber), for: channel) {
            interest.contains($0.interest)
        }
        hub.leave(viewer.subscriber, channel, noLonger: interest)
        viewersDidChange(name)
        closeIfUnwatched(channel)
        // The node answers every viewer that has asked, whatever that wants to be told later.
        for joiner in stopped where joiner.interest == .updates && joiner.waitsFor != .answer { joiner.didEnter?() }
    }

    /// The viewer's connection is closing: it follows nothing any more. What was queued for it is still written.
    package func leaveAll(_ viewer: any Viewer) {
        for (channel, _) in waiting.removeAll(of: ObjectIdentifier(viewer.subscriber)) { closeIfUnwatched(channel) }
        for channel in hub.leaveAll(viewer.subscriber) {
            viewersDidChange(channel.name)
            closeIfUnwatched(channel)
        }
    }

    /// Gives a channel up that nobody watches, a little later.
    func closeIfUnwatched(_ channel: Channel) {
        perform(channel.state.didLeave(isUnwatched: isUnwatched(channel), using: resources), on: channel)
    }

    /// Whether nobody follows the channel, or waits to.
    func isUnwatched(_ channel: Channel) -> Bool { channel.memberCount == 0 && waiting.isEmpty(for: channel) }

    /// Redis takes commands again: reads that could not be sent are sent now.
    package func redisIsReady() {
        for channel in hub.channels { perform(channel.state.commandsAreReady(), on: channel) }
    }

    /// Redis says where a channel stands.
    func compare(_ channel: Channel, with stored: Position?) {
        perform(channel.state.compare(with: stored), on: channel)
    }
}
