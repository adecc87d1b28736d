import Base
import EventLoop
import Glibc
import Testing

@Suite("Stopping a loop", .timeLimit(.minutes(1)))
struct StoppingTests {
    @Test("ends every stream once, writes under way included, and the thread")
    func liveConnections() async throws {
        let log = Log()
        let loop = try EventLoop(name: "test")
        try loop.start()
        let actor = LoopActor(loop)
        try await actor.run { actor in
            for index in 0..<10 {
                let (server, client) = try await pair(actor.loop)
                server.start(LoggingHandler(log))
                client.handler = LoggingHandler(log)
                guard index % 2 == 0 else { continue }
                let frame = SharedBytes([UInt8](repeating: 0, count: 1 << 20))
                _ = server.fill(with: frame)
                server.write(frame, from: 1)
            }
        }
        loop.stop()
        loop.stop()
        loop.join()
        loop.join()
        loop.stop()
        #expect(log.all == Array(repeating: "closed", count: 20))
    }

    @Test("connections being made fail with ECANCELED, also those begun afterwards; listeners are refused")
    func connecting() async throws {
        let log = Log()
        let loop = try EventLoop(name: "test")
        try loop.start()
        await LoopActor(loop).run { actor in
            let loop = actor.loop
            for host in ["127.0.0.1", "localhost"] {
                Stream.connect(loop: loop, to: .tcp(host: host, port: 1), timeoutMilliseconds: 1000) { result in
                    guard case .failure(let error) = result else { return log("connected") }
                    log(error.name)
                    #expect(throws: SystemError(.listen, code: ECANCELED)) {
                        try Listener(loop: loop, endpoint: anyPort) { _ in }
                    }
                    Stream.connect(loop: loop, to: .unix(path: "/nowhere"), timeoutMilliseconds: 1000) { result in
                        if case .failure(let error) = result { log("then \(error.name)") }
                    }
                }
            }
            loop.stop()
        }
        loop.join()
        #expect(log.all.sorted() == ["ECANCELED", "ECANCELED", "then ECANCELED", "then ECANCELED"])
    }

    @Test("listeners and signal sources need not be closed, queued jobs still run")
    func remainingHandles() async throws {
        let log = Log()
        let loop = try EventLoop(name: "test")
        try loop.start()
        await LoopActor(loop).run { actor in
            let token = Token(log)
            _ = try? Listener(loop: actor.loop, endpoint: anyPort) { _ in _ = token }
            _ = try? SignalSource(loop: actor.loop, signal: SIGUSR2) { _ = token }
            actor.loop.stop()
            actor.loop.execute { log("queued before the end") }
        }
        loop.join()
        #expect(log.all == ["queued before the end", "released"])
        loop.execute { log("after the end") }
        #expect(log.all.count == 2)
    }

    @Test("a loop that never ran goes away with its last reference")
    func neverStarted() throws {
        weak var loop: EventLoop?
        do {
            let strong = try EventLoop(name: "test")
            strong.execute {}
            loop = strong
            #expect(loop != nil)
        }
        #expect(loop == nil)
    }

    @Test("a loop that has ended goes away with its last reference, whatever its hooks hold")
    func released() throws {
        weak var loop: EventLoop?
        do {
            let strong = try EventLoop(name: "a name longer than the fifteen bytes of the system")
            try strong.start()
            strong.execute { strong.beforeSleep { _ = strong.now } }
            strong.stop()
            strong.join()
            loop = strong
        }
        #expect(loop == nil)
    }

    @Test("traps when joined by its own thread, or started twice")
    func misuse() async throws {
        await #expect(processExitsWith: .signal(SIGILL)) {
            let loop = try EventLoop(name: "test")
            try loop.start()
            loop.execute { loop.join() }
            loop.join()
        }
        await #expect(processExitsWith: .signal(SIGILL)) {
            let loop = try EventLoop(name: "test")
            try loop.start()
            try loop.start()
        }
    }
}

/// Says when it goes away.
final class Token: Sendable {
    private let log: Log

    init(_ log: Log) { self.log = log }
    deinit { log("released") }
}

/// Says how its stream ended.
private final class LoggingHandler: StreamHandler {
    private let log: Log

    init(_ log: Log) { self.log = log }

    func streamDidRead(_ stream: Stream, _ bytes: UnsafeMutableRawBufferPointer) {}
    func streamDidEnd(_ stream: Stream, _ reason: StreamEnd) { log("\(reason)") }
}
