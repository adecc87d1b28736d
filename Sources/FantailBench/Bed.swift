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
    private let publisher: Int32

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
            let port = LoopbackSocket.freePort()
            let folder = Child.ownPath.split(separator: "/").dropLast().joined(separator: "/")
            let node = Child(
                processors.onServer(
                    [
                        "/\(folder)/fantail", "serve", "--dev", "--port", "\(port)", "--loops", "\(loops)", "--redis",
                        "redis://127.0.0.1:\(redisPort)", "--drain", "0s",
                        // Viewers answer no heartbeat: a long run would lose them.
                        "--ws-heartbeat-interval", "600000",
                    ] + flags))
            waitForPort(port)
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
        let redisPort = LoopbackSocket.freePort()
        redis = Child(
            processors.besideServer([
                "redis-server", "--port", "\(redisPort)", "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp",
            ]))
        Self.waitForPort(redisPort)
        (server, viewers, port) = start(redisPort)
        publisher = LoopbackSocket.connect(port: redisPort)
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

    /// Sends commands as one pipeline and waits for the replies, each of one line or, of the Function, of `replyLines`.
    func send(_ commands: [RedisCommand], replyLines: Int = 1) {
        LoopbackSocket.writeAll(publisher, Array(commands.map(\.encoded).joined()))
        var lines = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        while lines < commands.count * replyLines {
            let count = read(publisher, &buffer, buffer.count)
            guard count > 0 else { FantailBench.fail("Redis has closed the connection") }
            lines += buffer.prefix(count).count { $0 == 0x0A }
        }
    }

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
        close(publisher)
        viewers.stop()
        server.stop()
        redis.stop()
    }

    private static func waitForPort(_ port: UInt16) {
        let deadline = Clock.nanoseconds + 10_000_000_000
        while Clock.nanoseconds < deadline {
            if ProcNet.isListening(port) { return }
            usleep(20_000)
        }
        FantailBench.fail("nothing listens on port \(port)")
    }
}

/// The kernel's list of TCP sockets.
enum ProcNet {
    static func isListening(_ port: UInt16) -> Bool {
        let digits = String(port, radix: 16, uppercase: true)
        let needle = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        return ["/proc/net/tcp", "/proc/net/tcp6"].contains { path in
            table(path).split(separator: "\n").contains { line in
                let fields = line.split(separator: " ")
                return fields.count > 3 && fields[1].hasSuffix(needle) && fields[3] == "0A"
            }
        }
    }

    private static func table(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { text += buffer.prefix(count) }
        return String(decoding: text, as: UTF8.self)
    }
}
