import Connections
import Access
import Development
import EventLoop
import Glibc
import HTTPClient
import RESP
import Redis
public import Settings
public import Starting
import Synchronization
import Telemetry
import Threads
import Token

/// One node: starts its loops, runs until a signal, and ends cleanly.
public final class Node {
    private let configuration: Configuration
    private let log: Log
    private let location: RedisLocation
    private let shared: NodeShared
    private var loops: [(loop: EventLoop, actor: NodeLoop)] = []
    private let signals = StopSignals()

    /// Runs a node on the calling thread, which must be the main thread, until a signal ends the node.
    public static func run(_ configuration: Configuration) throws(StartFailure) {
        var configuration = configuration
        try StartRules.check(&configuration)
        SignalSource.ignoreBrokenPipes()
        let log = Log(
            node: configuration.nodeID ?? StartRules.defaultNodeID(),
            format: configuration.logFormat ?? Log.defaultFormat, level: configuration.logLevel)
        defer { log.flush() }
        let found = try RedisDiscovery.find(configuration, log)
        defer { found.privateRedis?.leave() }
        let node = try Node(configuration, log: log, redis: found)
        try node.start()
        node.waitForEnd()
    }

    private init(_ configuration: Configuration, log: Log, redis: RedisDiscovery.Found) throws(StartFailure) {
        var configuration = configuration
        if configuration.isDevelopment, configuration.jwtSecret == nil, configuration.jwtPublicKey == nil {
            configuration.jwtSecret = try DevelopmentSecret.find(in: redis.location, naming: configuration.naming, log)
            configuration.sharesSecret = true
        }
        var limits = NodeLimits()
        limits.connections = min(limits.connections, max(16, ((try? OpenFileLimit.raise().now) ?? 1024) - 256))
        self.configuration = configuration
        self.log = log
        location = redis.location
        do {
            let authenticator = try configuration.authenticator(keys: StartRules.keys(of: configuration))
            shared = NodeShared(
                configuration: configuration, limits: limits, authenticator: authenticator,
                certificate: try StartRules.certificate(of: configuration), log: log)
        } catch let failure as StartFailure {
            throw failure
        } catch {
            throw .usage(
                "the key that verifies tokens cannot be used: \((error as? TokenError)?.message ?? "\(error)")")
        }
    }

    // MARK: Starting

    private func start() throws(StartFailure) {
        let places = ListeningPlaces(configuration)
        try places.waitUntilFree(log)
        var port = UInt16(configuration.port)
        let count = configuration.loops ?? StartRules.coreCount
        do {
            for index in 0..<count {
                let loop = try EventLoop(name: "loop-\(index)")
                try loop.start()
                loops.append((loop, NodeLoop(loop: loop)))
            }
            shared.loops.withLock { $0 = loops.map(\.actor) }
            // Before the first client: an unhandled signal would end the process and drop its clients.
            hearSignals()
            for (index, (_, actor)) in loops.enumerated() {
                let (shared, redis, place) = (shared, location, places.clients(port: port))
                let operators = index == 0 ? places.operators : nil
                let started = Blocking.wait {
                    await Result { () async throws(SystemError) in
                        try await actor.listen(
                            index: index, shared: shared, redis: redis, at: place, operatorsAt: operators)
                    }
                }
                // Port 0: the system chooses the first loop's port, and the others use it.
                port = try started.get()
            }
        } catch {
            throw places.refusal(port: Int(port), error)
        }
        Announcement(configuration, port: port).write(
            redis: "\(location)", loops: loops.count, connections: shared.limits.connections, to: log)
        let actors = loops.map(\.actor)
        Blocking.wait { for actor in actors { await actor.start() } }
    }

    // MARK: Stopping

    private func hearSignals() {
        let (signals, first, certificate) = (signals, loops[0].actor, CertificateFiles(shared.certificate, log))
        let failed = Blocking.wait {
            await Result { () async throws(SystemError) in
                try await first.listen(to: [SIGTERM, SIGINT]) { signals.add() }
                // Without a certificate SIGHUP keeps its default: a closed terminal ends the node.
                if let certificate { try await first.listen(to: [SIGHUP]) { certificate.readAnew() } }
            }
        }
        if case .failure(let error) = failed { log.error("cannot hear signals", ["reason": "\(error)"]) }
    }

    /// Waits for the first SIGTERM or SIGINT, drains, and ends every loop. The second ends the process at once.
    private func waitForEnd() {
        signals.wait()
        drain()
    }

    private func drain() {
        let milliseconds = UInt64(configuration.drainMilliseconds)
        log.info("draining", ["connections": .number(shared.clients.connectionCount)])
        shared.clients.beginDraining()
        let actors = loops.map(\.actor)
        Blocking.wait {
            await withTaskGroup { group in
                for actor in actors { group.addTask { await actor.drain(over: milliseconds) } }
            }
            for actor in actors { await actor.close() }
        }
        shared.upstream?.close()
        for (loop, _) in loops { loop.stop() }
        for (loop, _) in loops { loop.join() }
        log.info("stopped")
    }
}
