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

@Suite("Endpoint")
struct EndpointTests {
    @Test("endpoints describe themselves")
    func endpoints() {
        #expect(Endpoint.tcp(host: "redis", port: 6379).description == "redis:6379")
        #expect(Endpoint.tcp(host: "::1", port: 6379).description == "[::1]:6379")
        #expect(Endpoint.unix(path: "/run/redis.sock").description == "unix:/run/redis.sock")
        #expect(ListenEndpoint.tcp(host: "::", port: 80, shared: true).description == ":: port 80")
    }
}
