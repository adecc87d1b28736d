public import RESP

/// Sends several requests at once, as to several servers, and waits for all of them.
extension CommandBus {
    /// Calls scripts; their replies in the order of `requests`, or one of the errors.
    public func run<Request: ScriptRequest>(
        all requests: [Request], isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> [Request.Reply] {
        guard !requests.isEmpty else { return [] }
        return try await withCheckedContinuation(isolation: isolation) { waiter in
            let replies = Replies<Request.Reply>(awaited: requests.count) { waiter.resume(returning: $0) }
            for (place, request) in requests.enumerated() { run(request) { replies.add($0, at: place) } }
        }.get()
    }

    /// Sends commands; their replies in the order of `requests`, or one of the errors.
    public func send<Request: CommandRequest>(
        all requests: [Request], isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> [Request.Reply] {
        guard !requests.isEmpty else { return [] }
        return try await withCheckedContinuation(isolation: isolation) { waiter in
            let replies = Replies<Request.Reply>(awaited: requests.count) { waiter.resume(returning: $0) }
            for (place, request) in requests.enumerated() { send(request) { replies.add($0, at: place) } }
        }.get()
    }
}

/// Collects the replies to several requests, in whatever order they come.
private final class Replies<Reply> {
    private var found: [Reply?]
    private var awaited: Int
    private var error: RedisError?
    private let completion: (Result<[Reply], RedisError>) -> Void

    init(awaited: Int, _ completion: @escaping (Result<[Reply], RedisError>) -> Void) {
        found = Array(repeating: nil, count: awaited)
        self.awaited = awaited
        self.completion = completion
    }

    func add(_ result: Result<Reply, RedisError>, at place: Int) {
        switch result {
        case .success(let reply): found[place] = reply
        case .failure(let failure): error = error ?? failure
        }
        awaited -= 1
        guard awaited == 0 else { return }
        completion(error.map { .failure($0) } ?? .success(found.compactMap(\.self)))
    }
}
