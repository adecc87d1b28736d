import Glibc
import RedisClient

/// A Redis and a node of the benchmark's own, and a connection to publish on.
final class Bed {
    let node: Child
    let nodePort = LoopbackSocket.freePort()
    private let redis: Child
    private let redisPort = LoopbackSocket.freePort()
    private let publisher: Int32

    init(loops: Int) {
        redis = Child(["redis-server", "--port", "\(redisPort)", "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"])
        Self.waitForPort(redisPort)
        let folder = Child.ownPath.split(separator: "/").dropLast().joined(separator: "/")
        node = Child([
            "/\(folder)/fantail", "serve", "--dev", "--port", "\(nodePort)", "--loops", "\(loops)", "--redis",
            "redis://127.0.0.1:\(redisPort)", "--drain", "0s",
        ])
        Self.waitForPort(nodePort)
        publisher = LoopbackSocket.connect(port: redisPort)
    }

    static let viewerPath = "/ws?token=demo-token"

    /// Publishes events as one pipeline and waits for the replies.
    func publish(_ events: [[UInt8]]) {
        let commands = events.map { RedisCommand("PUBLISH", "task:bench", .bytes($0)).encoded }
        LoopbackSocket.writeAll(publisher, Array(commands.joined()))
        var lines = 0
        var buffer = [UInt8](repeating: 0, count: 65536)
        while lines < events.count {
            let count = read(publisher, &buffer, buffer.count)
            guard count > 0 else { FantailBench.fail("Redis has closed the connection") }
            lines += buffer.prefix(count).count { $0 == 0x0A }
        }
    }

    func stop() {
        close(publisher)
        node.stop()
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
