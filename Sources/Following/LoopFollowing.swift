package import Hub
package import Redis
package import Store
package import Telemetry

/// The parts by which one loop follows channels, made and connected.
package final class LoopFollowing {
    /// What viewers do with channels.
    package let subscriptions: Subscriptions
    /// Who follows which channel.
    package let audience: Audience
    /// Performs the channels' effects.
    package let channels: ChannelDriver
    /// The channels in Redis.
    package let store: ChannelStore
    /// The loop's own channels.
    package let ownChannels: LoopChannels
    /// Receives from Redis.
    package let receiver: BusReceiver
    /// Messages to users, teams and everyone.
    package let personal: PersonalMessages
    /// Tests whether Redis delivers published messages.
    package let probe: PubSubProbe
    private let positionCheck: PositionCheck
    private let bus: any Bus
    private let naming: Naming

    /// `index` is the loop's number in its node. `inquirer` asks third parties; nil where there are none.
    package init(
        index: Int, loop: any LoopClock, bus: any Bus, hub: Hub, frames: FrameWriter, naming: Naming,
        limits: FollowingLimits, inquirer: (any Inquirer)?, log: Log, tally: FollowingTally
    ) {
        (self.bus, self.naming) = (bus, naming)
        let resources = ChannelResources(limits)
        let reporter = EventReporter(tally: tally, log: log)
        audience = Audience(hub: hub, naming: naming)
        store = ChannelStore(bus: bus, naming: naming, resources: resources, tally: tally)
        channels = ChannelDriver(
            hub: hub, audience: audience, store: store,
            broadcaster: Broadcaster(hub: hub, frames: frames, tally: tally), reporter: reporter, clock: loop,
            resources: resources)
        let admission = Admission(audience: audience, channels: channels, reporter: reporter)
        let responder = StatusResponder(
            audience: audience, admission: admission, channels: channels, store: store, inquirer: inquirer,
            clock: loop, limits: StatusResponder.Limits(limits))
        subscriptions = Subscriptions(audience: audience, admission: admission, responder: responder, store: store)
        channels.viewers = subscriptions
        personal = PersonalMessages(
            hub: hub, frames: frames, reader: resources.reader, reporter: reporter, naming: naming, tally: tally)
        probe = PubSubProbe(index: index, loop: loop, bus: bus, log: log, everyMilliseconds: limits.probeMilliseconds)
        ownChannels = LoopChannels(bus: bus, probe: probe, tally: tally)
        receiver = BusReceiver(
            hub: hub, audience: audience, channels: channels, personal: personal, ownChannels: ownChannels,
            tally: tally, log: log,
            droppedPerThousand: limits.droppedPerThousand)
        positionCheck = PositionCheck(
            loop: loop, hub: hub, store: store, channels: channels,
            everyMilliseconds: limits.positionCheckMilliseconds)
        ownChannels.didMove = { [unowned receiver] in receiver.busDidCheck($0) }
    }

    /// Starts to test that the loop hears messages and missed none.
    package func start() {
        probe.start()
        positionCheck.start()
    }

    /// Redis takes commands (again).
    package func redisIsReady() {
        channels.redisIsReady()
        probe.redisIsReady()
        // Elsewhere nothing moves.
        if bus.isSpread { ownChannels.subscribe(moves: naming.announcementsChannel) }
    }
}
