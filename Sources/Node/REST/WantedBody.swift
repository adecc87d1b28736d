import Access
import HTTP

/// Which requests' bodies are read: decided from the head alone, so that whoever may not send one costs no memory.
enum WantedBody {
    /// Whether the path and method take a body. Whatever else comes with one is answered without it.
    static func isTaken(by head: RequestHead) -> Bool {
        guard head.method == "POST", head.segments.starts(with: ["api", "v1"]) else { return false }
        let path = head.segments.dropFirst(2)
        switch (path.first, path.count) {
        case ("tasks", 1): return true
        case ("tasks", 3): return path.last == "events"
        case ("users", 3): return path.last == "notifications"
        case ("topics", 3): return path.last == "messages"
        default: return false
        }
    }

    /// Who sends a body that is to be read; nil where none is taken. Throws the answer that refuses the request.
    static func sender(of request: Request, core: LoopCore) throws(Refusal) -> Caller? {
        guard isTaken(by: request.head), request.role.serves(request.head.segments) else { return nil }
        if core.shared.draining { throw Router.draining }
        let caller = try Caller.identify(request, core: core)
        try caller.require("publish")
        try JSONBody.requireJSON(request.head)
        return caller
    }
}
