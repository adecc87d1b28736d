import Glibc
import RESP

/// A Redis for the benchmark alone, the measured server, its viewers, and a publishing connection.
final class Bed {
    let server: Child
    let viewers: Child
    /// The port for viewers.
    let port: String
    private let processors: Processors
    private let certificate: Certificate?
    private let redis: Child
    private let publisher: RedisPipeline

    /// The channel that all viewers watch; with a number appended, one viewer's own.
    static let channel = "task:bench"
    /// The path for viewers of a node.
    static let viewerPath = "/ws?token=demo-token"

    /// A node, which speaks TLS with its viewers or does not.
    static func node(
        loops: Int, viewers: Int, watching: Watching = .oneTask, isSecure: Bool = false, at processors: Processors
    ) -> Bed {
        let certificate = isSecure ? Certificate() : nil
        let flags = certificate.map { ["--tls-cert", $0.path, "--tls-key", $0.key] } ?? []
        return Bed(processors, certificate) { redisPort in
            let (node, port) = Servers.node(
                // Viewers answer no heartbeat: a long run would lose them.
                ["--loops", "\(loops)", "--ws-heartbeat-interval", "600000"] + flags, redisPort: redisPort,
                as: processors.onServer)
            return (node, crowd(viewers, port: "\(port)", watching, certificate, processors), "\(port)")
        }
    }

    /// The bare loop, which sends frames of `bytes` in all.
    static func bare(viewers: Int, ownTasks: Bool = false, bytes: Int, at processors: Processors) -> Bed {
        Bed(processors) { redisPort in
            let server = Child.own(
                "bare",
                [
                    "--redis-port", "\(redisPort)", "--count", "\(viewers)", "--bytes", "\(bytes)",
                    "--tasks", ownTasks ? "\(viewers)" : "0",
                ], as: processors.onServer)
            let port = server.line()[1]
            let crowd = crowd(viewers, port: port, nil, nil, processors)
            _ = server.line()
            return (server, crowd, port)
        }
    }

    private init(
        _ processors: Processors, _ certificate: Certificate? = nil,
        _ start: (_ redisPort: UInt16) -> (Child, Child, String)
    ) {
        self.processors = processors
        self.certificate = certificate
        let redisPort: UInt16
        (redis, redisPort) = Servers.redis(as: processors.besideServer)
        (server, viewers, port) = start(redisPort)
        publisher = RedisPipeline(port: redisPort)
    }

    /// More viewers of a node, once each of them is served. The caller stops them.
    func moreViewers(_ count: Int, watching: Watching) -> Child {
        Self.crowd(count, port: port, watching, certificate, processors)
    }

    /// Viewers that are connected and admitted; with `watching` nil they send nothing, for the bare loop.
    private static func crowd(
        _ count: Int, port: String, _ watching: Watching?, _ certificate: Certificate?, _ processors: Processors
    ) -> Child {
        let more =
            (watching.map { ["--path", viewerPath, "--watching", $0.rawValue] } ?? [])
            + (certificate.map { ["--ca", $0.path] } ?? [])
        let crowd = Child.own(
            "viewers", ["--port", port, "--count", "\(count)"] + more, as: processors.besideServer)
        _ = crowd.line()
        usleep(500_000)  // every channel is read and every viewer admitted within milliseconds
        return crowd
    }

    /// Sends commands as one pipeline and waits for the replies, each of so many lines.
    func send(_ commands: [RedisCommand], replyLines: Int = 1) { publisher.send(commands, replyLines: replyLines) }

    /// Publishes events to all viewers, as one pipeline.
    func publish(_ events: [[UInt8]]) {
        send(events.map { RedisCommand("PUBLISH", .string(Self.channel), .bytes($0)) })
    }

    /// Lets every viewer wait for so many events while `body` publishes them, and returns the figures.
    func phase(events: Int, _ body: () -> Void) -> Phase {
        viewers.send("expect \(events)")
        _ = viewers.line()
        let before = server.processorTimes
        body()
        let words = viewers.line().compactMap { Int($0) }
        let after = server.processorTimes
        return Phase(
            deliveries: words[0], bytes: words[1], disorder: words[2], nanoseconds: UInt64(words[3]),
            processorTime: after.total - before.total, ownShare: after.ownShare(since: before))
    }

    func stop() {
        publisher.stop()
        viewers.stop()
        server.stop()
        redis.stop()
    }
}
