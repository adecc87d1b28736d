import Access
package import HTTP
import RESP
import Standing

/// An answer that ends the handling of a request early.
package struct Refusal: Error {
    /// The answer.
    package let response: Response

    /// An answer with a code for programs and a message for people.
    package init(_ status: Int, _ code: ErrorCode, _ message: String, headers: Headers = [:]) {
        response = .error(status, code, message, headers: headers)
    }
}

extension Refusal {
    /// This answer.
    package init(_ response: Response) { self.response = response }

    /// What a node answers while it stops.
    package static var draining: Refusal {
        Refusal(503, .draining, "this node is stopping; another one will answer", headers: ["Retry-After": "1"])
    }

    /// The node does not know who makes the request.
    init(_ error: Unidentified) {
        self.init(401, .unauthorized, error.message, headers: ["WWW-Authenticate": "Bearer"])
    }

    /// What a failed command means to the caller.
    init(_ error: RedisError) {
        if case .reply(let reply) = error, reply.code == "FINISHED" {
            self.init(409, .taskFinished, reply.message)
        } else if case .reply(let reply) = error, reply.code == "MISMATCH" {
            self.init(422, .invalidEvent, "this Idempotency-Key was used with another body")
        } else {
            self.init(unavailable: error)
        }
    }

    /// Redis is away, or does not do it now: it is out of memory, read-only or loading.
    private init(unavailable error: RedisError) {
        var reason = "Redis cannot be reached now"
        if let reply = error.reply { reason = reply.words }
        if case .overloaded = error { reason = "too many commands wait for Redis" }
        self.init(503, .unavailable, reason, headers: ["Retry-After": "1"])
    }
}
