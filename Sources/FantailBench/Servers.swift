import Glibc

/// The servers of a benchmark, once they accept connections.
enum Servers {
    /// A Redis for the benchmark alone, which saves nothing; `wrap` changes its command.
    static func redis(as wrap: ([String]) -> [String]) -> (process: Child, port: UInt16) {
        let port = LoopbackSocket.freePort()
        let redis = Child(
            wrap(["redis-server", "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", "/tmp"]))
        waitForPort(port)
        return (redis, port)
    }

    /// The development node that was built beside this program.
    static func node(_ flags: [String], redisPort: UInt16, as wrap: ([String]) -> [String]) -> (
        process: Child, port: UInt16
    ) {
        let port = LoopbackSocket.freePort()
        let folder = Child.ownPath.split(separator: "/").dropLast().joined(separator: "/")
        let node = Child(
            wrap(
                [
                    "/\(folder)/fantail", "serve", "--dev", "--port", "\(port)", "--redis",
                    "redis://127.0.0.1:\(redisPort)", "--drain", "0s",
                ] + flags))
        waitForPort(port)
        return (node, port)
    }

    private static func waitForPort(_ port: UInt16) {
        let deadline = Clock.nanoseconds + 10_000_000_000
        while Clock.nanoseconds < deadline {
            if ListeningPorts.contains(port) { return }
            usleep(20_000)
        }
        FantailBench.fail("nothing listens on port \(port)")
    }
}

/// The ports on which somebody listens, by the kernel's list of TCP sockets.
private enum ListeningPorts {
    static func contains(_ port: UInt16) -> Bool {
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
