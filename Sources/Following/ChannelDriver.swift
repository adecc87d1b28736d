import Events
import Hub
import Redis
import RESP
import Telemetry

/// Performs the effects that the loop's channels return (``ChannelState``).
package final class ChannelDriver {
    private let hub: Hub
    private let audience: Audience
    private let store: ChannelStore
    private let broadcaster: Broadcaster
    private let reporter: EventReporter
    private let clock: any LoopClock
    /// What the loop's channels share.
    let resources: ChannelResources
    /// Performs the effects that concern single viewers. Weak: it owns the driver.
    weak var viewers: (any ViewerEffects)?

    /// Called when the loop may have missed announcements to everyone.
    package var didMissAnnouncements: () -> Void = {}

    init(
        hub: Hub, audience: Audience, store: ChannelStore, broadcaster: Broadcaster, reporter: EventReporter,
        clock: any LoopClock, resources: ChannelResources
    ) {
        self.hub = hub
        self.audience = audience
        self.store = store
        self.broadcaster = broadcaster
        self.reporter = reporter
        self.clock = clock
        self.resources = resources
    }

    // MARK: Channels

    /// The channel of that name, kept open for a viewer that joins. Subscribes to it where the loop does not follow it.
    func open(_ name: ChannelName) -> Channel {
        let (channel, isNew) = hub.openChannel(name, redisName: store.redisName(of: name))
        perform(channel.state.willJoin(), on: channel)
        if isNew { store.subscribe(channel) }
        return channel
    }

    /// Closes a channel that has no viewers, after a while.
    func closeIfUnwatched(_ channel: Channel) {
        perform(channel.state.didLeave(isUnwatched: audience.isUnwatched(channel), using: resources), on: channel)
    }

    /// Redis takes commands again: sends the reads that failed.
    func redisIsReady() {
        for channel in hub.channels { perform(channel.state.commandsAreReady(), on: channel) }
    }

    /// Compares a channel with its position in Redis.
    func compare(_ channel: Channel, with stored: Position?) {
        perform(channel.state.compare(with: stored), on: channel)
    }

    // MARK: Effects

    /// Performs effects in order.
    func perform(_ effects: ChannelEffects, on channel: Channel) {
        effects.forEach { perform($0, on: channel) }
    }

    private func perform(_ effect: ChannelEffect, on channel: Channel) {
        switch effect {
        case .tell(let delivery): broadcaster.tell(delivery, on: channel)
        case .tellNews(let delivery):
            broadcaster.tell(delivery, on: channel)
            viewers?.answerQuestions(about: channel)
        case .tellMissed(let count, let position): broadcaster.tellMissed(count, position, on: channel)
        case .expectAcknowledgements(let delivery): broadcaster.expectAcknowledgements(of: delivery, on: channel)
        case .flush: broadcaster.flush()
        case .answerQuestions: viewers?.answerQuestions(about: channel)
        case .putOutStrangers: viewers?.putOutStrangers(of: channel)
        case .setAside(let place): viewers?.setAside(from: channel, place)
        case .letIn: viewers?.letIn(to: channel)
        case .refuseWaiting: viewers?.refuseWaiting(for: channel)
        case .read: read(channel)
        case .readOn: readOn(channel)
        case .ask(let question): ask(question, about: channel)
        case .begin(let timer, let milliseconds): begin(timer, milliseconds, of: channel)
        case .cancel(let timer): channel.timers.set(timer, nil)
        case .count(let rejection): reporter.count(rejection, on: channel)
        case .countBehind: reporter.countBehind()
        case .announcementsMissed: didMissAnnouncements()
        case .close: close(channel)
        }
    }

    // MARK: Reading

    private func read(_ channel: Channel) {
        let hasMembers = channel.memberCount > 0
        perform(channel.state.read(at: clock.now, hasMembers: hasMembers, using: resources), on: channel)
    }

    private func readOn(_ channel: Channel) {
        let effects = channel.state.readOn(
            viewersAreBehind: audience.isBehind(channel), at: clock.now, hasMembers: channel.memberCount > 0,
            using: resources)
        perform(effects, on: channel)
    }

    private func ask(_ question: ChannelQuestion, about channel: Channel) {
        if channel.attachment != nil { channel.timers.set(.retry, nil) }
        let bytes = resources.limits.replayBytes
        store.read(channel.name, since: question.since, bytes: bytes, newEpoch: true) {
            [weak self] result in
            // It may have closed meanwhile. A weak reference would cost each channel 48 bytes for the rest of its life.
            guard let self, hub.isOpen(channel) else { return }
            switch result {
            case .success(let answer):
                let effects = channel.state.didRead(answer, to: question, at: WallClock.now, using: resources)
                perform(effects, on: channel)
            case .failure(let error):
                let effects = channel.state.didFail(
                    question, isAway: error.isOfAbsence, at: WallClock.now, using: resources)
                perform(effects, on: channel)
            }
        }
    }

    /// Reads the next portion of what a viewer missed. The channel goes on meanwhile. `completion` gets nil where Redis
    /// did not answer.
    func readHistory(of channel: Channel, after since: Position, _ completion: @escaping (ChannelAnswer?) -> Void) {
        store.read(channel.name, since: since, bytes: resources.limits.replayBytes) { completion(try? $0.get()) }
    }

    // MARK: Time

    private func begin(_ timer: ChannelTimer, _ milliseconds: UInt64, of channel: Channel) {
        // Nothing would cancel the timer of a closed channel.
        guard hub.isOpen(channel) else { return }
        channel.timers.set(
            timer,
            // Cancelled when the channel closes.
            clock.start(after: milliseconds) { [weak self] in
                guard let self else { return }
                perform(channel.state.isDue(timer, isUnwatched: audience.isUnwatched(channel)), on: channel)
            })
    }

    /// Calls `body` after the pause between two reads of one channel.
    func afterPause(_ body: @escaping () -> Void) {
        clock.start(after: resources.limits.repairMilliseconds, body)
    }

    private func close(_ channel: Channel) {
        channel.cancelTimers()
        hub.closeChannel(channel)
        store.unsubscribe(channel)
    }
}

/// The effects of a channel that concern single viewers, not its members as a whole.
protocol ViewerEffects: AnyObject {
    /// ``ChannelEffect/letIn``
    func letIn(to channel: Channel)
    /// ``ChannelEffect/refuseWaiting``
    func refuseWaiting(for channel: Channel)
    /// ``ChannelEffect/setAside(_:)``
    func setAside(from channel: Channel, _ place: ChannelEffect.SetAside)
    /// ``ChannelEffect/putOutStrangers``
    func putOutStrangers(of channel: Channel)
    /// ``ChannelEffect/answerQuestions``
    func answerQuestions(about channel: Channel)
}

extension RedisError {
    /// Whether Redis takes no commands now.
    fileprivate var isOfAbsence: Bool {
        switch self {
        case .notReady, .turnedAway: true
        default: false
        }
    }
}
