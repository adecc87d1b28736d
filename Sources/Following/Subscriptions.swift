package import Dialects
package import EventLoop
package import Events
package import Hub
import RESP
package import Redis
package import Store
package import Telemetry

/// The channels that the loop subscribed to in Redis, and the viewers that wait for admission.
///
/// A viewer becomes a member of its channel only when the channel is live: subscribed, confirmed, read. Until then it
/// waits, so that state and live events follow each other without a gap or a duplicate. ``ChannelState`` decides what a
/// channel needs; this class does it.
package final class Subscriptions {
    let loop: EventLoop
    let hub: Hub
    let bus: any Bus
    let frames: FrameWriter
    let reporter: EventReporter
    /// What the loop's channels share.
    let resources: ChannelResources
    let store: ChannelStore
    let naming: Naming
    let limits: FollowingLimits
    let log: Log
    let personal: PersonalPath
    let probe: PubSubProbe
    /// Asks third parties; nil where there are none.
    let inquirer: (any Inquirer)?
    let tally: FollowingTally
    /// The loop's own channel by its name in Redis.
    private(set) var control: String?
    /// The channel, by its name in Redis, that announces which tasks run again, and the closure that is told.
    private(set) var restarts: (channel: String, tell: (UnsafeRawBufferPointer) -> Void)?
    /// The viewers that wait for admission.
    var waiting = WaitingList<ObjectIdentifier, Channel, Joiner>()

    /// Called with a channel that got a viewer or lost one.
    package var viewersDidChange: (ChannelName) -> Void = { _ in }
    /// Called when the loop may have missed announcements to everyone.
    package var didMissAnnouncements: () -> Void = {}
    /// Called to close a user's connections.
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

    /// Subscribes to the channel for this loop alone.
    package func subscribe(control channel: String) {
        control = channel
        probe.channel = channel
        bus.subscribe(channel)
    }

    /// Unsubscribes from that channel.
    package func unsubscribe(control channel: String) { bus.unsubscribe(channel) }

    /// Subscribes to the channel that announces restarted tasks: each message is a task's channel.
    package func subscribe(restarts channel: String, _ tell: @escaping (UnsafeRawBufferPointer) -> Void) {
        restarts = (channel, tell)
        bus.subscribe(channel)
    }

    /// Whether the loop hears messages.
    package var isReady: Bool { bus.isListening }

    /// The channel of that name, where the loop follows it.
    func channel(_ name: ChannelName) -> Channel? { hub.channel(naming.channel(name.text)) }
}

/// Viewers that come and go.
extension Subscriptions {
    /// Lets a viewer follow a channel: now where the channel is live, else as soon as it is.
    package func join(_ viewer: any Viewer, _ name: ChannelName, since: Position?, request: RequestID?) {
        join(Joiner(viewer: viewer, request: request, newcomer: Newcomer(since: since)), name)
    }

    /// Sends a viewer the messages to a user, a team or everyone, without a confirmation. `didEnter` is called once the
    /// viewer gets every message.
    package func joinQuietly(
        _ viewer: any Viewer, _ name: ChannelName, taking interest: Interest, request: RequestID? = nil,
        didEnter: (() -> Void)? = nil
    ) {
        let newcomer = Newcomer(since: nil, isQuiet: true)
        join(
            Joiner(viewer: viewer, request: request, newcomer: newcomer, interest: interest, didEnter: didEnter), name)
    }

    /// Lets a viewer ask how a task stands. `didEnter` is called once the loop may answer: every change from then on is
    /// the answer, or follows it.
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

    /// The viewer no longer follows the channel, and gets no changes of its task.
    package func leave(_ viewer: any Viewer, _ name: ChannelName, noLonger interest: Interest = [.events, .updates]) {
        guard let channel = channel(name) else { return }
        let stopped = waiting.removeAll(of: ObjectIdentifier(viewer.subscriber), for: channel) {
            interest.contains($0.interest)
        }
        hub.leave(viewer.subscriber, channel, noLonger: interest)
        viewersDidChange(name)
        closeIfUnwatched(channel)
        // The loop answers every viewer that asked, also one that now wants no changes.
        for joiner in stopped where joiner.interest == .updates && joiner.waitsFor != .answer { joiner.didEnter?() }
    }

    /// The viewer's connection is closing: it leaves every channel. Frames already queued for it are still written.
    package func leaveAll(_ viewer: any Viewer) {
        for (channel, _) in waiting.removeAll(of: ObjectIdentifier(viewer.subscriber)) { closeIfUnwatched(channel) }
        for channel in hub.leaveAll(viewer.subscriber) {
            viewersDidChange(channel.name)
            closeIfUnwatched(channel)
        }
    }

    /// Closes a channel that has no viewers, after a while.
    func closeIfUnwatched(_ channel: Channel) {
        perform(channel.state.didLeave(isUnwatched: isUnwatched(channel), using: resources), on: channel)
    }

    /// Whether nobody follows the channel or waits for it.
    func isUnwatched(_ channel: Channel) -> Bool { channel.memberCount == 0 && waiting.isEmpty(for: channel) }

    /// Redis takes commands again: sends the reads that failed.
    package func redisIsReady() {
        for channel in hub.channels { perform(channel.state.commandsAreReady(), on: channel) }
    }

    /// Compares a channel with its position in Redis.
    func compare(_ channel: Channel, with stored: Position?) {
        perform(channel.state.compare(with: stored), on: channel)
    }
}
