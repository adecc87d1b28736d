import Access
package import HTTP
import RESP
import Standing

/// An answer that ends the handling of a request early.
package struct Refusal: Error {
    /// What the client gets in place of what it asked for.
    package let response: Response

    /// A response with a code for programs and a message for people.
    package init(_ status: Int, _ code: ErrorCode, _ message: String, headers: Headers = [:]) {
        response = .error(status, code, message, headers: headers)
    }
}

extension Refusal {
    /// This response.
    package init(_ response: Response) { self.response = response }

    /// The answer of a node that is draining.
    package static var draining: Refusal {
        Refusal(503, .draining, "this node is stopping; another one will answer", headers: ["Retry-After": "1"])
    }

    /// The node cannot identify the caller.
    init(_ error: Unidentified) {
        self.init(401, .unauthorized, error.message, headers: ["WWW-Authenticate": "Bearer"])
    }

    /// The answer that a failed command means for the caller.
    init(_ error: RedisError) {
        if case .reply(let reply) = error, reply.code == "FINISHED" {
            self.init(409, .taskFinished, reply.message)
        } else if case .reply(let reply) = error, reply.code == "MISMATCH" {
            self.init(422, .invalidEvent, "this Idempotency-Key was used with another body")
        } else {
            self.init(unavailable: error)
        }
    }

    /// Redis is away, or cannot do it now: it is out of memory, read-only or loading.
    private init(unavailable error: RedisError) {
        var reason = "Redis cannot be reached now"
        if let reply = error.reply { reason = reply.words }
        if case .overloaded = error { reason = "too many commands wait for Redis" }
        self.init(503, .unavailable, reason, headers: ["Retry-After": "1"])
    }
}
