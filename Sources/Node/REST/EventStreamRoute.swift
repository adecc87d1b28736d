import Access
import Events
import Dialects
import HTTP

/// `GET /api/v1/tasks/{id}/events` with `Accept: text/event-stream`: whose, which task, from where on.
struct EventStreamRoute {
    let caller: Caller
    let channel: ChannelName
    let since: Position?

    /// Whether a request asks for a stream.
    static func matches(_ head: RequestHead) -> Bool {
        head.method == "GET" && head.segments.count == 5 && head.segments.starts(with: ["api", "v1", "tasks"])
            && head.segments[4] == "events" && head.headers.has("text/event-stream", in: "Accept")
    }

    /// Reads it, or throws the answer that refuses it.
    init(_ request: Request, core: LoopCore) throws(Refusal) {
        if core.shared.draining { throw Router.draining }
        let head = request.head
        caller = try Caller.identify(stream: request, core: core)
        let task = try TaskRoutes.identifier(head.segments[3])
        channel = .task(task)
        let rule = core.shared.configuration.watch
        guard rule.needsOwner || caller.mayWatch(channel, owner: nil, rule: rule) else {
            throw Refusal(403, .forbidden, "this token may not watch the task")
        }
        if let id = head.headers["Last-Event-ID"] {
            since = ServerSentEvent.position(id)
        } else {
            since = try HistoryRoute.position(head.query)
        }
    }
}
