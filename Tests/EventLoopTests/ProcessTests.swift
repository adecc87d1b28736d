import EventLoop
import Glibc
import Testing

@Suite("The process", .timeLimit(.minutes(1)))
struct ProcessTests {
    @Test("signals come on the loop, each time, until the source is closed")
    func signals() async throws {
        try await onLoop { actor in
            let came = Event()
            let source = try SignalSource(loop: actor.loop, signal: SIGUSR1) {
                #expect(actor.loop.isCurrent)
                came.signal()
            }
            for _ in 0..<2 {
                kill(getpid(), SIGUSR1)
                await came.wait()
            }
            source.close()
            source.close()
            #expect(throws: SystemError(.watch, code: EINVAL)) {
                try SignalSource(loop: actor.loop, signal: SIGKILL) {}
            }
        }
    }

    @Test("the soft limit of open files is raised to the hard one")
    func openFiles() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 100, rlim_max: 300)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let raised = try OpenFileLimit.raise()
            precondition(raised.before == 100 && raised.now == 300, "\(raised)")
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            precondition(limit.rlim_cur == 300)
        }
    }

    @Test("errors name the operation, the reason and the number")
    func errors() {
        #expect(SystemError(.bind, code: -EADDRINUSE).description == "bind: address already in use (EADDRINUSE)")
        #expect(SystemError(.read, code: ECONNRESET).message == "connection reset by peer")
    }
}

@Suite("SocketAddress", .timeLimit(.minutes(1)))
struct SocketAddressTests {
    @Test(
        "reads and writes literals of both families",
        arguments: [
            ("127.0.0.1", "127.0.0.1:80"), ("0.0.0.0", "0.0.0.0:80"), ("::1", "[::1]:80"), ("::", "[::]:80"),
            ("2001:db8::17", "[2001:db8::17]:80"), ("::ffff:10.1.2.3", "10.1.2.3:80"),
        ])
    func literals(text: String, description: String) {
        #expect(SocketAddress(literal: text, port: 80)?.description == description)
    }

    @Test("names are not literals", arguments: ["localhost", "", "127.1", "1.2.3.4.5", "::g", "127.0.0.1:80"])
    func names(text: String) {
        #expect(SocketAddress(literal: text, port: 80) == nil)
    }

    @Test("the first byte of an address is the highest")
    func order() {
        #expect(SocketAddress(literal: "10.1.2.3", port: 1) == .ipv4(0x0a01_0203, port: 1))
        #expect(SocketAddress(literal: "2001::1", port: 1) == .ipv6(0x2001 << 112 | 1, port: 1, scope: 0))
    }

    @Test("endpoints describe themselves")
    func endpoints() {
        #expect(Endpoint.tcp(host: "redis", port: 6379).description == "redis:6379")
        #expect(Endpoint.tcp(host: "::1", port: 6379).description == "[::1]:6379")
        #expect(Endpoint.unix(path: "/run/redis.sock").description == "unix:/run/redis.sock")
        #expect(ListenEndpoint.tcp(host: "::", port: 80, shared: true).description == ":: port 80")
    }
}
