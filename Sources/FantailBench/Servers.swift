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
            if TCPTable.isListening(port) { return }
            usleep(20_000)
        }
        FantailBench.fail("nothing listens on port \(port)")
    }
}
