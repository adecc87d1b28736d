import Base
import EventLoop
import Glibc
import Testing

@Suite("Listener", .timeLimit(.minutes(1)))
struct ListenerTests {
    @Test("accepted streams have TCP_NODELAY and are closed on exec")
    func options() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            let client = BlockingSocket(connectedTo: door.port)
            defer { client.close() }
            _ = await door.next()
            var found = 0
            for descriptor in OpenFiles.all {
                var address = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let code = withUnsafeMutablePointer(to: &address) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
                }
                guard code == 0, address.sin_port == door.port.bigEndian else { continue }
                found += 1
                var isOn: Int32 = 0
                var size = socklen_t(4)
                getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, &size)
                #expect(isOn != 0)
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            }
            #expect(found == 2)  // The listening and the accepted one.
        }
    }

    @Test("accepted streams have a bounded send queue, and a patience with their peers")
    func patience() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop, .tcp(host: "127.0.0.1", port: 0, shared: false), patience: 90_000)
            let client = BlockingSocket(connectedTo: door.port)
            defer { client.close() }
            _ = await door.next()
            let sockets = OpenFiles.all.filter { OpenFiles.localPort(of: $0) == door.port }
            #expect(sockets.count == 2)
            for socket in sockets {
                #expect(OpenFiles.option(socket, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT) == 131_072)
                #expect(OpenFiles.option(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 90_000)
                #expect(OpenFiles.option(socket, SOL_SOCKET, SO_KEEPALIVE) != 0)
                #expect(OpenFiles.option(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == 22)
            }
        }
    }

    @Test("a peer that does not read has at most 256 KiB waiting in the kernel, and gets everything once it reads")
    func unsentBytes() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            let client = BlockingSocket(connectedTo: door.port)
            defer { client.close() }
            let stream = await door.next()
            let total = stream.fill(with: SharedBytes([UInt8](repeating: 7, count: 1_000))).total
            let accepted = try #require(
                OpenFiles.all.first { OpenFiles.localPort(of: $0) == door.port && OpenFiles.queued($0) != nil })
            // What is above that lies with the peer's kernel already, or is on its way to it.
            #expect(try #require(OpenFiles.queued(accepted)) <= 256 * 1024)
            #expect(total > 128 * 1024)
            #expect(client.read(total)?.count == total)
        }
    }

    @Test("two loops share a port, and each gets some of the connections")
    func shared() async throws {
        try await onLoop { first in
            let door = try Door(first.loop)
            let port = door.port
            try await onLoop { second in
                let other = try Door(second.loop, .tcp(host: "127.0.0.1", port: port, shared: true))
                #expect(other.port == port)
                // The kernel spreads by a hash of the addresses: until the second one has had its turn.
                while other.isEmpty {
                    BlockingSocket(connectedTo: port).close()
                    await Task.yield()
                }
            }
            // The second one has gone; all that come now are the first one's.
            _ = try await connect(first.loop, to: .tcp(host: "127.0.0.1", port: port)).get()
            _ = await door.next()
        }
    }

    @Test("a probe is refused where anybody listens, sharing or not, and leaves nothing behind")
    func probe() async throws {
        try await onLoop { actor in
            // An address of its own: on 127.0.0.1 another test's client may get the port once it is free.
            for isShared in [true, false] {
                let door = try Door(actor.loop, .tcp(host: "127.0.0.77", port: 0, shared: isShared))
                let endpoint = ListenEndpoint.tcp(host: "127.0.0.77", port: door.port, shared: true)
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) { try Listener.probe(endpoint) }
                let everywhere = ListenEndpoint.tcp(host: "::", port: door.port, shared: true)
                #expect(throws: SystemError(.bind, code: EADDRINUSE)) { try Listener.probe(everywhere) }
                // Without sharing, a second one is refused by itself.
                if !isShared {
                    #expect(throws: SystemError(.bind, code: EADDRINUSE)) { try Door(actor.loop, endpoint) }
                }
                door.listener.close()
                await untilFree(endpoint)
            }
            try Listener.probe(anyPort)
        }
    }

    @Test("a port with connections of its last holder in TIME_WAIT is free")
    func timeWait() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop, .tcp(host: "127.0.0.78", port: 0, shared: true))
            let client = try await connect(actor.loop, to: .tcp(host: "127.0.0.78", port: door.port)).get()
            let (server, probe) = (await door.next(), Probe())
            client.start(probe)
            server.close()  // Who closes first has the TIME_WAIT.
            await probe.didEnd.wait()
            door.listener.close()
            let endpoint = ListenEndpoint.tcp(host: "127.0.0.78", port: door.port, shared: true)
            await untilFree(endpoint)
            _ = try Door(actor.loop, endpoint)
        }
    }

    @Test("another process's port is refused by the probe")
    func otherProcess() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            let port = door.port
            await #expect(processExitsWith: .exitCode(7)) { [port = port as UInt16] in
                do {
                    try Listener.probe(.tcp(host: "127.0.0.1", port: port, shared: true))
                } catch {
                    exit(error as? SystemError == SystemError(.bind, code: EADDRINUSE) ? 7 : 8)
                }
            }
        }
    }

    @Test("the host :: takes both families, and a client's IPv4 address is given as such")
    func dualStack() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop, .tcp(host: "::", port: 0, shared: true))
            _ = try await connect(actor.loop, to: .tcp(host: "127.0.0.1", port: door.port)).get()
            let stream = await door.next()
            #expect(stream.peer?.host == "127.0.0.1")
            // Where the machine has ::1.
            if (try? Door(actor.loop, .tcp(host: "::1", port: 0, shared: true))) != nil {
                _ = try await connect(actor.loop, to: .tcp(host: "::1", port: door.port)).get()
                let stream = await door.next()
                #expect(stream.peer?.host == "::1")
            }
        }
    }

    @Test("several hosts share one port; one the machine does not have is left out")
    func severalHosts() async throws {
        try await onLoop { actor in
            let door = try Door(
                actor.loop, .tcp(hosts: ["127.0.0.1", "127.0.0.2", "192.0.2.1"], port: 0, shared: false))
            #expect(door.listener.addresses.map(\.description) == ["127.0.0.1:\(door.port)", "127.0.0.2:\(door.port)"])
            for host in ["127.0.0.1", "127.0.0.2"] {
                _ = try await connect(actor.loop, to: .tcp(host: host, port: door.port)).get()
                _ = await door.next()
            }
            #expect(throws: SystemError(.bind, code: EADDRNOTAVAIL)) {
                try Door(actor.loop, .tcp(host: "192.0.2.1", port: 0, shared: false))
            }
        }
    }

    @Test("a name is listened on at all its addresses")
    func byName() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop, .tcp(hosts: ["localhost", "127.0.0.1"], port: 0, shared: true))
            #expect(door.listener.addresses.contains { $0.host == "127.0.0.1" })
            _ = try await connect(actor.loop, to: .tcp(host: "localhost", port: door.port)).get()
            _ = await door.next()
        }
    }

    @Test("connections wait in the kernel while accepting is stopped")
    func stopAccepting() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            door.listener.stopAccepting()
            let client = try await connect(actor.loop, to: .tcp(host: "127.0.0.1", port: door.port)).get()
            #expect(door.isEmpty)
            door.listener.startAccepting()
            let server = await door.next()
            #expect(server.peer == client.local)
        }
    }

    @Test("closing a listener within its callback is safe")
    func closeWithinCallback() async throws {
        try await onLoop { actor in
            let accepted = Event()
            var listener: Listener?
            listener = try Listener(loop: actor.loop, endpoint: anyPort) { stream in
                listener?.close()
                listener?.close()
                listener = nil
                stream.close()
                accepted.signal()
            }
            let clients = (0..<2).map { [port = listener!.port!] _ in BlockingSocket(connectedTo: port) }
            await accepted.wait()
            for client in clients { client.close() }
        }
    }

    @Test("without descriptors, connections are closed at once and counted, and the loop does not spin")
    func outOfDescriptors() async throws {
        await #expect(processExitsWith: .success) {
            try await onLoop { actor in
                let door = try Door(actor.loop)
                let clients = (0..<20).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
                // Descriptors up to the limit are all in use from here on.
                OpenFiles.limit(to: clients.max()! + 1)
                while dup(0) >= 0 {}
                for client in clients { BlockingSocket.connect(client, to: door.port) }
                let (allGone, rested) = (Event(), Event())
                var turns = 0
                actor.loop.beforeSleep {
                    turns += 1
                    if door.listener.turnedAway == 20, turns < 1000 {
                        turns = 1000
                        allGone.signal()
                    }
                }
                await allGone.wait()
                for client in clients { precondition(BlockingSocket(descriptor: client).read(1) != [1]) }
                actor.loop.schedule(after: 100) { rested.signal() }
                await rested.wait()
                precondition(door.listener.turnedAway == 20, "turned away \(door.listener.turnedAway)")
                precondition(turns < 1020, "\(turns - 1000) turns in 100 ms")
                // With room again, connections are taken again.
                OpenFiles.limit(to: clients.max()! + 10)
                let client = BlockingSocket(connectedTo: door.port)
                _ = await door.next()
                client.close()
            }
        }
    }

    @Test("without descriptors and without the spare one, accepting pauses, then goes on")
    func outOfSpares() async throws {
        await #expect(processExitsWith: .success) {
            try await onLoop { actor in
                let door = try Door(actor.loop)
                let client = BlockingSocket(connectedTo: door.port)
                defer { client.close() }
                // All below are in use, so not even the place of the spare one can be had again.
                OpenFiles.limit(to: 3)
                var turns = 0
                actor.loop.beforeSleep { turns += 1 }
                let rested = Event()
                actor.loop.schedule(after: 250) { rested.signal() }
                await rested.wait()
                precondition(turns < 20, "\(turns) turns in 250 ms")
                OpenFiles.limit(to: 4096)
                _ = await door.next()
                precondition(door.listener.turnedAway == 0)
            }
        }
    }
}

/// Between fork and exec, a child of another test holds a copy of every socket, also of those closed meanwhile.
private func untilFree(_ endpoint: ListenEndpoint, isolation: isolated (any Actor)? = #isolation) async {
    while (try? Listener.probe(endpoint)) == nil { await Task.yield() }
}

/// The descriptors of this process.
private enum OpenFiles {
    static var all: [Int32] { (0..<4096).filter { fcntl($0, F_GETFD) >= 0 } }

    static func localPort(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return code == 0 ? UInt16(bigEndian: address.sin_port) : nil
    }

    static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(4)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : nil
    }

    /// Bytes in a connection's send queue, acknowledged ones no longer (tcp(7), SIOCOUTQ); nil for what is no connection.
    static func queued(_ descriptor: Int32) -> Int? {
        var count: Int32 = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : nil
    }

    static func limit(to count: Int32) {
        var limit = rlimit(rlim_cur: rlim_t(count), rlim_max: 4096)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
