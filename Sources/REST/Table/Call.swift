import Access
import Events
import HTTP

/// A request for a row of the table, by an identified caller.
struct Call {
    let request: Request
    let caller: Caller
    /// The segments for the names in the row's pattern.
    let values: [String: String]

    var head: RequestHead { request.head }
    var query: Query { request.head.query }

    /// The segment for a name in the row's pattern.
    subscript(name: String) -> String {
        guard let value = values[name] else { preconditionFailure("Call: no segment is called \(name)") }
        return value
    }

    /// The task in the path.
    func task() throws(Refusal) -> Identifier {
        guard let task = Identifier(self["id"]) else {
            throw JSONBody.refusal("a task's id is \(Identifier.rule)")
        }
        return task
    }

    /// The user in the path.
    func user(_ name: String = "id") throws(Refusal) -> Identifier {
        guard let user = Identifier(self[name]) else {
            throw JSONBody.refusal("a user's id is \(Identifier.rule)")
        }
        return user
    }

    /// The request's idempotency key: sending it twice publishes once.
    func idempotencyKey() throws(Refusal) -> String? {
        guard let key = head.headers["Idempotency-Key"] else { return nil }
        guard (1...128).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Refusal(400, .badRequest, "Idempotency-Key must be 1 to 128 printable bytes")
        }
        return key
    }
}
