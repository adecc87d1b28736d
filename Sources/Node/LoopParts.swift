import Synchronization
import EventLoop
import Following
import Asking
import Listing
import Access
import Connections
import Hub
import Online
import REST
import Redis
import Serving
import Standing
import Telemetry

/// The parts of one loop, made by ``LoopAssembly``, and the connections between them. Only the loop's thread uses them:
/// nothing here is shared, so nothing is locked.
final class LoopParts {
    let bus: any Bus
    let hub: Hub
    let standing: LoopStanding
    let asking: LoopAsking
    let listKeeper: ListKeeper?
    let following: LoopFollowing
    let presence: LoopPresence
    let dispatcher: RequestDispatcher
    let requests: RequestServices
    let connections: LoopConnections
    let counters: LoopCounters
    private let assembly: LoopAssembly

    /// `answer` answers a request, later, on its connection.
    init(_ assembly: LoopAssembly, answer: @escaping (Request, ConnectionID) -> Void) {
        self.assembly = assembly
        (bus, hub, counters) = (assembly.bus, assembly.hub, assembly.counters)
        standing = assembly.standing()
        asking = assembly.asking()
        listKeeper = assembly.listKeeper()
        following = assembly.following(inquirer: asking.inquiries)
        presence = assembly.presence()
        dispatcher = assembly.dispatcher(following)
        requests = assembly.requests(following, presence, dispatcher, answer)
        connections = assembly.connections(requests)
    }

    // MARK: Start and stop

    /// Starts to connect to Redis, and to renew the loop's lease.
    func start() {
        wireRedis()
        wireFollowing()
        bus.start()
        asking.start()
        listKeeper?.start()
        assembly.loop.beforeSleep { [connections, presence] in
            connections.flush()
            presence.flush()
        }
        wirePresence()
        presence.start()
        following.start()
        standing.start()
        assembly.keepDevelopmentSecret()
    }

    /// Gives the lease back, and closes the connections to Redis, so that the loop can end.
    func stop(isolation: isolated (any Actor)? = #isolation) async {
        listKeeper?.stop()
        await presence.stop()
        asking.stop()
        bus.close()
    }

    // MARK: Connections between parts

    private func wireRedis() {
        (bus.handler, bus.messages) = (following.receiver, following.receiver)
        bus.onEvent = { [unowned self] event, role in
            standing.receive(event, role)
            guard role.takesCommands, event.bringsKeysBack else { return }
            following.redisIsReady()
            presence.redisIsReady()
            listKeeper?.mayHaveMissed()
        }
        bus.onReply = { [tally = counters.redis] in tally.counters.commandMicroseconds.record($0) }
    }

    private func wireFollowing() {
        following.audience.viewersDidChange = { [unowned presence] in presence.viewers.didChange($0) }
        following.channels.didMissAnnouncements = { [unowned presence] in presence.tellCounts() }
        following.ownChannels.closeConnections = { [unowned connections] in connections.closeAll(of: $0) }
        listKeeper?.listen(on: following.ownChannels, poll: asking.poll)
        following.probe.didChange = { [shared = assembly.shared] in
            shared.failingProbes.add($0 ? 1 : -1, ordering: .relaxed)
        }
        following.personal.listener = { subscriber in
            guard let following = (subscriber.owner as? Connection)?.following else { return nil }
            return PersonalMessages.Listener(user: following.user, hearsAfter: following.hearsAfter)
        }
    }

    private func wirePresence() {
        presence.onSubscribe = { [own = following.ownChannels] in own.subscribe(control: $0, isProbed: $1) }
        presence.onUnsubscribe = { [own = following.ownChannels] in own.unsubscribe(control: $0) }
        presence.onCount = { [unowned connections] in connections.tellCounts() }
        presence.onNumberingAnew = { [unowned following] in following.personal.forgetAnnouncements(ofBucket: $0) }
        presence.onSpread = { [unowned following] in following.personal.keepAnnouncements(ofBuckets: $0) }
    }
}

// MARK: The loop's condition

extension LoopParts {
    /// Whether clients should use this loop now.
    var condition: LoopCondition {
        LoopCondition(
            isDraining: assembly.shared.isStopping, isRefused: standing.isRefused, trouble: standing.trouble,
            takesCommands: bus.isReady && standing.isGood, absentShards: bus.namesOfAbsentShards,
            isListening: bus.isListening, isHeard: following.probe.isHeard, isProbeFailing: following.probe.isFailing,
            isRegistered: presence.isRegistered)
    }

    /// The loop's counts and its numbers of the moment.
    var reading: LoopReading {
        var gauges = LoopReading.Gauges()
        gauges.channels = hub.channelCount
        gauges.subscriptions = hub.subscriptionCount
        gauges.handshakes = connections.pendingHandshakes
        gauges.commandsUp = bus.isReady
        gauges.pubsubUp = bus.isListening
        gauges.absentShards = bus.namesOfAbsentShards
        gauges.pending = bus.pendingCount
        gauges.isRegistered = presence.isRegistered
        gauges.usersOnline = presence.numbers.online
        gauges.clusterConnections = presence.numbers.connections
        return LoopReading(counters, hub: hub.counters, gauges: gauges)
    }
}
