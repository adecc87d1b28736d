import EventLoop

/// A loop with an actor on it: what a test does inside ``run(_:)`` happens on the loop, as in the node.
actor LoopHost {
    nonisolated let loop: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private init(loop: EventLoop) { self.loop = loop }

    /// Runs `body` on a loop of its own, which ends with it.
    static func run(_ body: @Sendable (isolated LoopHost) async throws -> Void) async throws {
        // As the node does: a peer may be gone when something is written.
        SignalSource.ignoreBrokenPipes()
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        try await withTaskExecutorPreference(LoopPreference(loop: loop)) {
            try await body(LoopHost(loop: loop))
        }
    }
}

/// Continuations resume on the default executor, whose few threads other tests may block; with this, on the loop.
private final class LoopPreference: TaskExecutor {
    private let loop: EventLoop

    init(loop: EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
