import Base
import EventLoop
import Glibc
import Testing

@Suite("Connecting", .timeLimit(.minutes(1)))
struct ConnectTests {
    @Test("a name is looked up, and its addresses are tried until one answers")
    func byName() async throws {
        try await onLoop { actor in
            // localhost may be ::1 first, where nobody listens.
            let door = try Door(actor.loop)
            let stream = try await connect(actor.loop, to: .tcp(host: "localhost", port: door.port)).get()
            #expect(stream.peer == .ipv4(0x7f00_0001, port: door.port))
        }
    }

    @Test("a port nobody listens on is refused")
    func refused() async throws {
        try await onLoop { actor in
            let door = try Door(actor.loop)
            let port = door.port
            door.listener.close()
            for host in ["127.0.0.1", "localhost"] {
                let result = await connect(actor.loop, to: .tcp(host: host, port: port))
                #expect(throws: SystemError(.connect, code: ECONNREFUSED)) { try result.get() }
            }
        }
    }

    @Test("a name that does not exist is an error of the lookup")
    func unknownName() async throws {
        try await onLoop { actor in
            let result = await connect(actor.loop, to: .tcp(host: "no-such-host.invalid", port: 1))
            guard case .failure(let error) = result else { return #expect(Bool(false), "connected") }
            #expect(error.operation == .lookUp)
            #expect(error.description.hasPrefix("look up: "))
        }
    }

    @Test("a listener whose backlog is full: ETIMEDOUT, after the time given")
    func timesOut() async throws {
        try await onLoop { actor in
            let full = try FullBacklog()
            defer { full.close() }
            let start = actor.loop.now
            let result = await connect(
                actor.loop, to: .tcp(host: "127.0.0.1", port: full.port), timeoutMilliseconds: 60)
            #expect(throws: SystemError(.connect, code: ETIMEDOUT)) { try result.get() }
            #expect(actor.loop.now - start >= 59)
        }
    }

    @Test("cancelled: ECANCELED, once, and not within the call")
    func cancelled() async throws {
        try await onLoop { actor in
            let full = try FullBacklog()
            defer { full.close() }
            for host in ["127.0.0.1", "localhost"] {
                let done = Event()
                var errors: [SystemError] = []
                let attempt = Stream.connect(
                    loop: actor.loop, to: .tcp(host: host, port: full.port), timeoutMilliseconds: 60_000
                ) { result in
                    if case .failure(let error) = result { errors.append(error) }
                    done.signal()
                }
                await Task.yield()  // Let it begin.
                attempt.cancel()
                attempt.cancel()
                #expect(errors.isEmpty)
                await done.wait()
                #expect(errors == [SystemError(.connect, code: ECANCELED)])
            }
        }
    }

    @Test("unix sockets: by path, refused where nobody listens, absent, too long a path")
    func unixSockets() async throws {
        try await onLoop { actor in
            let path = "/tmp/fantail-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
            let door = try Door(actor.loop, .unix(path: path))
            let client = try await connect(actor.loop, to: .unix(path: path)).get()
            let (server, probe) = (await door.next(), Probe())
            server.start(probe)
            #expect(client.tryWrite([1, 2, 3]) == 3)
            await probe.didRead.wait()
            #expect(probe.received == [1, 2, 3])
            #expect(client.peer == .unix(path: path) && server.peer == .unix(path: ""))
            #expect(throws: SystemError(.bind, code: EADDRINUSE)) { try Door(actor.loop, .unix(path: path)) }

            door.listener.close()
            let absent = await connect(actor.loop, to: .unix(path: path))
            #expect(throws: SystemError(.connect, code: ENOENT)) { try absent.get() }
            let long = await connect(actor.loop, to: .unix(path: String(repeating: "x", count: 108)))
            #expect(throws: SystemError(.connect, code: ENAMETOOLONG)) { try long.get() }
        }
    }

    @Test("a unix socket's file left by a process that died is replaced")
    func abandonedUnixSocket() async throws {
        try await onLoop { actor in
            let path = "/tmp/fantail-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"
            let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let code = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(code == 0)
            close(socket)
            let refused = await connect(actor.loop, to: .unix(path: path))
            #expect(throws: SystemError(.connect, code: ECONNREFUSED)) { try refused.get() }
            let door = try Door(actor.loop, .unix(path: path))
            _ = try await connect(actor.loop, to: .unix(path: path)).get()
            door.listener.close()
            #expect(access(path, F_OK) != 0)
        }
    }
}

/// A listening socket that takes no connection any more: the kernel drops further ones, as a dead host would.
private struct FullBacklog {
    let socket: Int32
    let port: UInt16
    private var held: [Int32] = []

    init() throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = BlockingSocket.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(socket, $0, length) == 0 && listen(socket, 0) == 0)
                getsockname(socket, $0, &length)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        // A backlog of 0 takes one connection.
        held.append(BlockingSocket(connectedTo: port).descriptor)
    }

    func close() {
        for descriptor in held + [socket] { Glibc.close(descriptor) }
    }
}
