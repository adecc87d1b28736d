import EventLoop
import Glibc
import Synchronization

/// An actor on a loop. Tests run as its methods: on the loop, with all its sockets as local values.
actor LoopActor {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    init(_ loop: EventLoop) {
        self.loop = loop
    }

    func run<Value: Sendable>(_ body: @Sendable (isolated LoopActor) async throws -> Value) async rethrows -> Value {
        try await body(self)
    }
}

/// Runs `body` on a loop of its own, which is stopped and joined afterwards.
func onLoop<Value: Sendable>(
    _ body: @Sendable (isolated LoopActor) async throws -> Value
) async throws -> Value {
    let loop = try EventLoop(name: "test")
    try loop.start()
    defer {
        loop.stop()
        loop.join()
    }
    return try await LoopActor(loop).run(body)
}

/// Something that happens on a loop, so often, awaited there.
final class Event {
    private var count = 0
    private var waiter: CheckedContinuation<Void, Never>?

    func signal() {
        if let waiter = waiter.take() { waiter.resume() } else { count += 1 }
    }

    func wait(_ times: Int = 1, isolation: isolated (any Actor)? = #isolation) async {
        for _ in 0..<times {
            if count > 0 {
                count -= 1
            } else {
                await withCheckedContinuation { waiter = $0 }
            }
        }
    }
}

/// What happened, from any thread.
final class Log: Sendable {
    private let lines = Mutex<[String]>([])

    func callAsFunction(_ line: String) {
        lines.withLock { $0.append(line) }
    }

    var all: [String] { lines.withLock { $0 } }
}
