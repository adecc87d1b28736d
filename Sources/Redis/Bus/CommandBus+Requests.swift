public import RESP

/// Sends requests that read their own replies.
extension CommandBus {
    /// Calls a script.
    public func run<Request: ScriptRequest>(
        _ request: Request, _ completion: @escaping (Result<Request.Reply, RedisError>) -> Void
    ) {
        run(Request.script, keys: request.keys, arguments: request.arguments) { completion(request.outcome($0)) }
    }

    /// Calls a script and waits for its reply, at most until the command's deadline, even when cancelled.
    @discardableResult
    public func run<Request: ScriptRequest>(
        _ request: Request, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Request.Reply {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            run(request) { waiter.resume(returning: $0) }
        }.get()
    }

    /// Sends a command.
    public func send<Request: CommandRequest>(
        _ request: Request, _ completion: @escaping (Result<Request.Reply, RedisError>) -> Void
    ) {
        send(request.command) { completion(request.outcome($0)) }
    }

    /// Sends a command and waits for its reply, at most until the command's deadline, even when cancelled.
    @discardableResult
    public func send<Request: CommandRequest>(
        _ request: Request, isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Request.Reply {
        try await withCheckedContinuation(isolation: isolation) { waiter in
            send(request) { waiter.resume(returning: $0) }
        }.get()
    }
}
