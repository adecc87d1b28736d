import Events
import HTTP
import JSON
import Store

/// `GET /api/v1/tasks`: which tasks there are.
struct TaskListRoutes {
    let lister: TaskLister

    var routes: [Route] { [Route(.get, "/api/v1/tasks", .any, list)] }

    /// `?status&owner&limit&cursor`: the newest tasks first, each once.
    nonisolated(nonsending) private func list(_ call: Call) async throws(Refusal) -> Response {
        let page = try await lister.page(try TaskListQuery(call.query, of: call.caller), for: call.caller)
        var writer = JSONWriter(capacity: 64 + page.tasks.count * 1024)
        writer.beginObject()
        writer.key("tasks")
        writer.beginArray()
        for task in page.tasks { task.write(to: &writer) }
        writer.endArray()
        if let last = page.last {
            writer.key("next_cursor")
            writer.string(last.cursor)
        }
        writer.endObject()
        return .json(writer.bytes)
    }
}
