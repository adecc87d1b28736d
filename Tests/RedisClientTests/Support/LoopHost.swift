import EventLoop

/// A loop with an actor on it: what a test does inside ``run(_:)`` happens on the loop, as in the node.
actor LoopHost {
    nonisolated let loop: EventLoop

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private init(loop: EventLoop) { self.loop = loop }

    /// Runs `body` on a loop of its own, which ends with it.
    static func run(_ body: @Sendable (isolated LoopHost) async throws -> Void) async throws {
        let loop = try EventLoop(name: "test")
        try loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        try await body(LoopHost(loop: loop))
    }
}
