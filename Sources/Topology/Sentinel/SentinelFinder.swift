import EventLoop
import RESP
import Redis
import Sentinels

/// Asks the Sentinels for the master's address, as ``SentinelWatch`` decides, and tells the links. Loop-confined.
final class SentinelFinder: RedisFinder {
    /// Called for every event of a connection to a Sentinel.
    var onEvent: ((RedisEvent, RedisRole) -> Void)?

    private let loop: EventLoop
    private let group: SentinelGroup
    private let name: String
    private let timing: RedisTiming
    private(set) var watch: SentinelWatch
    private var connections: [RedisEndpoint.Address: SentinelConnection] = [:]
    private var links: [ObjectIdentifier: WeakLink] = [:]
    private var seekers: Set<ObjectIdentifier> = []
    private var ticker: Timer?

    private struct WeakLink { weak var link: RedisLink? }

    /// A finder that asks no Sentinel yet. `name` is the client's name in CLIENT LIST of a Sentinel.
    init(loop: EventLoop, group: SentinelGroup, name: String, timing: RedisTiming = .sentinel) {
        self.loop = loop
        self.group = group
        self.name = name
        self.timing = timing
        watch = SentinelWatch(sentinels: group.sentinels, name: group.name)
    }

    /// Starts to ask.
    func start() {
        guard ticker == nil else { return }
        ticker = loop.schedule(after: timing.tickMilliseconds) { [weak self] in self?.tick() }
        receive(.sought)
    }

    /// Closes every connection for good.
    func close() {
        ticker?.cancel()
        ticker = nil
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func tick() {
        receive(.tick)
        ticker?.restart(after: timing.tickMilliseconds)
    }
}

@available(*, unavailable)
extension SentinelFinder: Sendable {}

// MARK: Links

extension SentinelFinder {
    func add(_ link: RedisLink) { links[ObjectIdentifier(link)] = WeakLink(link: link) }

    func remove(_ link: RedisLink) {
        links[ObjectIdentifier(link)] = nil
        seekers.remove(ObjectIdentifier(link))
        if links.isEmpty { close() }
    }

    func find(for link: RedisLink) {
        seekers.insert(ObjectIdentifier(link))
        if ticker == nil { start() } else { receive(.sought) }
    }

    func doubt(_ address: RedisEndpoint.Address, _ failure: RedisFailure) { receive(.doubted(address, failure)) }

    private func tell(_ address: RedisEndpoint.Address) {
        seekers = []
        for entry in links.values { entry.link?.didFind(address) }
    }

    private func tellSeekers(_ failure: RedisFailure) {
        let told = seekers.compactMap { links[$0]?.link }
        seekers = []
        for link in told { link.fail(failure) }
    }
}

// MARK: Sentinels

extension SentinelFinder {
    private func receive(_ event: SentinelWatch.Event) {
        for action in watch.receive(event) { perform(action) }
    }

    private func perform(_ action: SentinelWatch.Action) {
        switch action {
        case .connect(let address): connect(to: address)
        case .disconnect(let address): connections.removeValue(forKey: address)?.close()
        case .greet(let address): connections[address]?.greet()
        case .ask(let address): connections[address]?.ask()
        case .master(let address): tell(address)
        case .unknown(let failure): tellSeekers(failure)
        }
    }

    private func connect(to address: RedisEndpoint.Address) {
        let connection = SentinelConnection(loop: loop, group: group, address: address, name: name, timing: timing)
        connections[address] = connection
        connection.onEvent = { [weak self] in self?.receive($0) }
        connection.onConnection = { [weak self] in self?.onEvent?($0, .part(.sentinel(address))) }
        connection.start()
    }
}

extension RedisTiming {
    /// For Sentinels: they are near, there are several, and the loop needs their answers soon.
    static let sentinel: RedisTiming = {
        var timing = RedisTiming()
        timing.connectMilliseconds = 1_000
        timing.commandMilliseconds = 1_000
        timing.subscriberPingMilliseconds = 2_000
        timing.pongMilliseconds = 1_000
        timing.maxBackoffMilliseconds = 1_000
        timing.refusedRetryMilliseconds = 2_000
        return timing
    }()
}
