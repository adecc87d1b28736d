/// A Redis Cluster of a test's own: masters that share the slots, and one without any. Real servers, on ports of 127.0.0.1.
package final class RedisClusterProcesses: @unchecked Sendable {
    // Sendable: a test uses one from one place at a time.

    /// One of the servers.
    package struct Server: @unchecked Sendable {
        package let process: RedisServerProcess
        package let port: UInt16
        /// A connection that asks it.
        package let socket: RedisSocket
        /// What the cluster calls it.
        package var id: String { socket.call("CLUSTER", "MYID").string! }
    }

    /// The masters, each with an equal share of the slots in their order.
    package let masters: [Server]
    /// A master without slots.
    package let spare: Server

    /// Starts `count` masters and the one without slots, and waits until all of them know each other.
    package init(masters count: Int = 3) throws {
        let servers = try (0...count).map { _ in try Self.start() }
        masters = Array(servers.dropLast())
        spare = servers[count]
        for (place, server) in masters.enumerated() {
            let (first, end) = (place * 16_384 / count, (place + 1) * 16_384 / count)
            server.socket.call("CLUSTER", "ADDSLOTSRANGE", "\(first)", "\(end - 1)")
        }
        for (place, server) in servers.enumerated() {
            // Each an epoch of its own, as redis-cli does: else they settle that among themselves, later.
            server.socket.call("CLUSTER", "SET-CONFIG-EPOCH", "\(place + 1)")
        }
        for server in servers.dropFirst() {
            let bus = server.socket.call("CONFIG", "GET", "cluster-port").list[1].string!
            servers[0].socket.call("CLUSTER", "MEET", "127.0.0.1", "\(server.port)", bus)
        }
        for server in servers { Self.awaitState(server, knowing: servers.count) }
    }

    private static func start() throws -> Server {
        let port = freePort()
        let process = try RedisServerProcess(
            "--port", "\(port)", "--cluster-enabled", "yes", "--cluster-port", "\(freePort())",
            "--cluster-node-timeout", "1500",
            "--cluster-require-full-coverage", "no")
        return Server(process: process, port: port, socket: RedisSocket(process))
    }

    private static func awaitState(_ server: Server, knowing count: Int) {
        while true {
            let info = server.socket.call("CLUSTER", "INFO").string ?? ""
            let all = server.socket.call("CLUSTER", "SLOTS").list.count
            if info.contains("cluster_state:ok"), info.contains("cluster_known_nodes:\(count)"), all >= count - 1 {
                return
            }
        }
    }

    /// The server that keeps the slot of `key`.
    package func home(of key: String) -> Server {
        let slot = slot(of: key)
        return masters[slot * masters.count / 16_384]
    }

    /// The slot of `key`.
    package func slot(of key: String) -> Int { spare.socket.call("CLUSTER", "KEYSLOT", key).int! }

    /// Opens the slot of `key` between two servers: what is not at `source` is asked for at `target`.
    package func open(_ key: String, from source: Server, to target: Server) {
        let slot = "\(slot(of: key))"
        target.socket.call("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.socket.call("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
    }

    /// Takes keys over.
    package func migrate(_ keys: String..., from source: Server, to target: Server) {
        source.socket.call(["MIGRATE", "127.0.0.1", "\(target.port)", "", "0", "5000", "KEYS"] + keys)
    }

    /// Gives the slot of `key` to `target`.
    package func close(_ key: String, from source: Server, to target: Server) {
        for server in [target, source] {
            server.socket.call("CLUSTER", "SETSLOT", "\(slot(of: key))", "NODE", target.id)
        }
    }
}
