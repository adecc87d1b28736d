internal import EventLoop
public import RESP
package import Redis

/// A separate loop with one command connection: for the command line, and for a node's questions before it starts.
public actor RedisSession {
    /// How long a TLS handshake for ``terms(with:)`` may take.
    private static let handshakeMilliseconds: UInt64 = 2_000

    private nonisolated let loop: EventLoop
    private let tls: RedisTLS?
    private var connection: (any CommandBus)?

    /// The executor of the session's loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private init(loop: EventLoop, tls: RedisTLS?) {
        self.loop = loop
        self.tls = tls
    }

    /// Runs `body` with a session connected to Redis, and ends the session.
    public static func with<Value: Sendable>(
        _ location: RedisLocation, scripts: [RedisScript] = [], readsReplicas: Bool = false,
        _ body: @Sendable (RedisSession) async throws -> Value
    ) async throws -> Value {
        let loop = try EventLoop(name: "redis-session")
        try loop.start()
        let session = RedisSession(loop: loop, tls: location.tls)
        defer {
            loop.stop()
            loop.join()
        }
        do {
            try await session.connect(location, scripts: scripts, readsReplicas: readsReplicas)
            let value = try await body(session)
            await session.close()
            return value
        } catch {
            await session.close()
            throw error
        }
    }

    private func connect(_ location: RedisLocation, scripts: [RedisScript], readsReplicas: Bool) async throws {
        let connection = RedisConnector(location).commands(
            loop: loop, name: "fantail-command", scripts: scripts, readsReplicas: readsReplicas)
        self.connection = connection
        connection.start()
        try await connection.connected()
    }

    private func close() {
        connection?.close()
        connection = nil
    }

    /// Sends a command.
    @discardableResult
    package func send<Request: CommandRequest>(_ request: Request) async throws(RedisError) -> Request.Reply {
        guard let connection else { throw .closed }
        return try await connection.send(request)
    }

    /// Asks each Redis that takes writes, one after the other.
    package func eachMaster<Answer: Sendable>(
        _ ask: @Sendable (isolated RedisSession, any CommandBus) async -> Answer
    ) async -> [Answer] {
        var answers: [Answer] = []
        for master in connection?.masters ?? [] { answers.append(await ask(self, master)) }
        return answers
    }

    /// Whether keys are spread over several servers.
    package var isSpread: Bool { connection?.isSpread ?? false }

    /// The terms of TLS with a server; nil where Redis is without TLS, or the server cannot be reached.
    package func terms(with address: RedisEndpoint.Address?) async -> TLSTerms? {
        guard let tls, let address else { return nil }
        return await TLSTerms.of(
            RedisEndpoint(address: address, tls: tls), loop: loop, timeoutMilliseconds: Self.handshakeMilliseconds)
    }

    /// The keys that are out of reach though the session is connected.
    package var absentShards: [AbsentShard] { connection?.absentShards ?? [] }

    /// Runs one of the session's scripts.
    @discardableResult
    package func run<Request: ScriptRequest>(_ request: Request) async throws(RedisError) -> Request.Reply {
        guard let connection else { throw .closed }
        return try await connection.run(request)
    }
}
