package import EventLoop
package import Hub
package import Redis
package import Store
package import Telemetry

/// How one loop follows channels: the parts of that, made and connected.
package final class LoopFollowing {
    /// Which channels the loop follows, and for whom.
    package let subscriptions: Subscriptions
    /// What is addressed to users, teams and everyone.
    package let personal: PersonalPath
    /// Whether Redis delivers what is published.
    package let probe: PubSubProbe
    private let positionCheck: PositionCheck

    /// `index` is the number of the loop in its node. `inquirer` asks third parties, where there are any.
    package init(
        index: Int, loop: EventLoop, bus: any Bus, hub: Hub, frames: FrameWriter, naming: Naming,
        limits: FollowingLimits, inquirer: (any Inquirer)?, log: Log, tally: FollowingTally
    ) {
        let store = ChannelStore(redis: bus, naming: naming, tally: tally)
        let reporter = EventReporter(tally: tally, log: log)
        let resources = ChannelResources(limits)
        personal = PersonalPath(
            hub: hub, frames: frames, reader: resources.reader, reporter: reporter, naming: naming, tally: tally)
        probe = PubSubProbe(index: index, loop: loop, bus: bus, log: log, everyMilliseconds: limits.probeMilliseconds)
        subscriptions = Subscriptions(
            loop: loop, hub: hub, bus: bus, frames: frames, reporter: reporter, resources: resources,
            personal: personal, store: store, probe: probe, inquirer: inquirer, naming: naming, limits: limits,
            log: log, tally: tally)
        positionCheck = PositionCheck(
            loop: loop, hub: hub, store: store, subscriptions: subscriptions,
            everyMilliseconds: limits.positionCheckMilliseconds)
    }

    /// Begins to prove that messages are heard, and that none was missed.
    package func start() {
        probe.start()
        positionCheck.start()
    }

    /// Redis takes commands (again).
    package func redisIsReady() {
        subscriptions.redisIsReady()
        probe.redisIsReady()
    }
}
