package import EventLoop
package import Hub
package import Redis
package import Store
package import Telemetry

/// The parts by which one loop follows channels, made and connected.
package final class LoopFollowing {
    /// The channels that the loop follows, and their viewers.
    package let subscriptions: Subscriptions
    /// Messages to users, teams and everyone.
    package let personal: PersonalPath
    /// Tests whether Redis delivers published messages.
    package let probe: PubSubProbe
    private let positionCheck: PositionCheck

    /// `index` is the loop's number in its node. `inquirer` asks third parties; nil where there are none.
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

    /// Starts to test that the loop hears messages and missed none.
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
