import EventLoop
import Glibc
import Testing

@Suite("EventLoop as an executor", .timeLimit(.minutes(1)))
struct ExecutorTests {
    @Test("an actor's methods run on the loop's thread, its deadlines on the loop's clock")
    func isolation() async throws {
        try await onLoop { actor in
            #expect(actor.loop.isCurrent)
            actor.preconditionIsolated()
            #expect(actor.loop.now > 0)
            await Task.yield()
            #expect(actor.loop.isCurrent)
        }
    }

    @Test("assumeIsolated holds in callbacks of timers, sockets and bodies, and nowhere else")
    func assumeIsolated() async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        let counter = Counter(loop)
        await counter.start()
        loop.execute { counter.addNow("body") }
        #expect(await counter.wait(for: 3) == ["accept", "body", "timer"])
        #expect(!loop.isCurrent)
        loop.stop()
        loop.join()
        #expect(!loop.isCurrent)
    }

    @Test("traps when isolation is assumed on another thread")
    func wrongThread() async throws {
        await #expect(processExitsWith: .signal(SIGILL)) {
            let loop = try EventLoop(name: "test")
            try loop.start()
            Counter(loop).addNow("wrong")
        }
    }

    @Test("traps when something of the loop's is used on another thread")
    func wrongThreadForTimers() async throws {
        await #expect(processExitsWith: .signal(SIGILL)) {
            let loop = try EventLoop(name: "test")
            try loop.start()
            loop.schedule(after: 1) {}
        }
    }

    @Test("bodies of one thread run in order, and wake a loop that sleeps")
    func bodiesInOrder() async throws {
        let log = Log()
        let loop = try EventLoop(name: "test")
        try loop.start()
        for index in 0..<1000 { loop.execute { log("\(index)") } }
        await LoopActor(loop).run { _ in log("actor") }
        // It sleeps now, with nothing that would wake it.
        await withCheckedContinuation { continuation in loop.execute { continuation.resume() } }
        loop.stop()
        loop.join()
        #expect(log.all == (0..<1000).map { "\($0)" } + ["actor"])
    }

    @Test("many threads at once lose nothing")
    func manyThreads() async throws {
        let sum = try await onLoop { actor in
            let counter = Counter(actor.loop)
            await withTaskGroup { group in
                for _ in 0..<50 { group.addTask { for _ in 0..<100 { await counter.add("x") } } }
            }
            return await counter.lines.count
        }
        #expect(sum == 5000)
    }

    @Test("a turn ends with the jobs it queued, and theirs, then the hooks in order, then sleep")
    func turnOrder() async throws {
        let log = Log()
        try await onLoop { actor in
            let loop = actor.loop
            let done = Event()
            var isWatching = false
            loop.beforeSleep { if isWatching { log("hook 1") } }
            loop.beforeSleep {
                guard isWatching else { return }
                log("hook 2")
                isWatching = false
                done.signal()
            }
            loop.schedule(after: 2) {
                isWatching = true
                loop.execute {
                    log("body")
                    loop.execute { log("its body") }
                }
                Task { @Sendable in await actor.run { _ in log("job") } }
                log("timer")
            }
            await done.wait()
        }
        let lines = log.all
        #expect(lines.prefix(3) == ["timer", "body", "its body"] || lines.contains("job"))
        #expect(lines.filter { $0 != "job" } == ["timer", "body", "its body", "hook 1", "hook 2"])
    }

    @Test("what a hook queues runs in a next turn, without waiting for anything")
    func hooksQueue() async throws {
        try await onLoop { actor in
            let loop = actor.loop
            let done = Event()
            var rounds = 0
            nonisolated(unsafe) let signal = { done.signal() }
            loop.beforeSleep {
                rounds += 1
                if rounds == 5 { loop.execute { signal() } } else if rounds < 5 { loop.execute {} }
            }
            await done.wait()
            #expect(rounds >= 5)
        }
    }

    @Test(
        "a hook that is removed runs no more, not in that turn either, and is let go of; one that is added runs from the next"
    )
    func hooksRemoved() async throws {
        let log = Log()
        try await onLoop { actor in
            let loop = actor.loop
            let done = Event()
            nonisolated(unsafe) let signal = { done.signal() }
            var second: TurnHook?
            var turns = 0
            let first = loop.beforeSleep {
                turns += 1
                guard turns == 2 else { return loop.execute {} }
                second?.remove()
                loop.beforeSleep {
                    log("third")
                    signal()
                }
                loop.execute {}
            }
            second = hook(on: loop, keeping: Token(log), log)
            await done.wait()
            first.remove()
            first.remove()
            #expect(!first.isInstalled && second?.isInstalled == false)
        }
        #expect(log.all.prefix(3) == ["second", "released", "third"])
    }

    private func hook(on loop: EventLoop, keeping token: Token, _ log: Log) -> TurnHook {
        loop.beforeSleep {
            _ = token
            log("second")
        }
    }

    @Test("jobs that queue each other for ever leave the loop its sockets and timers")
    func endlessJobs() async throws {
        try await onLoop { actor in
            let (server, client) = try await pair(actor.loop)
            let probe = Probe()
            server.start(probe)
            let spinning = Task { while !Task.isCancelled { await actor.run { _ in await Task.yield() } } }
            let spinner = Spinner(actor.loop)
            spinner.spin()
            let fired = Event()
            actor.loop.schedule(after: 5) { fired.signal() }
            await fired.wait()
            #expect(client.tryWrite([1]) == 1)
            await probe.didRead.wait()
            spinning.cancel()
            spinner.isDone = true
        }
    }
}

/// Queues itself again and again.
private final class Spinner: @unchecked Sendable {
    // Sendable: touched on the loop only.
    let loop: EventLoop
    var isDone = false

    init(_ loop: EventLoop) { self.loop = loop }

    func spin() {
        if !isDone { loop.execute { self.spin() } }
    }
}

private actor Counter {
    let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private(set) var lines: [String] = []
    private let didAdd = Event()
    private var client: BlockingSocket?

    init(_ loop: EventLoop) { self.loop = loop }

    func add(_ line: String) {
        lines.append(line)
        didAdd.signal()
    }

    /// As a callback does it.
    nonisolated func addNow(_ line: String) {
        assumeIsolated { $0.add(line) }
    }

    func start() {
        loop.schedule(after: 3) { self.addNow("timer") }
        let listener = try! Listener(loop: loop, endpoint: anyPort) { _ in self.addNow("accept") }
        client = BlockingSocket(connectedTo: listener.port!)
    }

    func wait(for count: Int) async -> [String] {
        await didAdd.wait(count)
        client?.close()
        return lines.sorted()
    }
}
