import Dialects
import Events
import HTTP
import JSON
import Progress
import Terminal

/// Shows what happens to the tasks that are watched.
protocol WatchPrinter {
    /// An event of a task has come, which is part of `task` now.
    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask)
    /// Something has happened that is no event: what stands between us and the node, or that nothing is known.
    mutating func note(_ task: WatchedTask, _ words: String)
    /// Called again and again, and once at the end: the place to draw.
    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool)
}

/// Bars that are drawn over, on a terminal.
struct BoardPrinter: WatchPrinter {
    let environment: [String: String]
    /// What stands on the screen.
    private var drawn: [String] = []

    init(environment: [String: String]) { self.environment = environment }

    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask) {}
    mutating func note(_ task: WatchedTask, _ words: String) {}

    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool) {
        // Asked each time: the window may have another size by now.
        let (style, rows) = StandardOutput.style(environment)
        var lines = Board(style: style).draw(isLast ? tasks.map(\.line) : Self.mostInteresting(tasks, rows - 2))
        if !isLast, lines.count < tasks.count { lines.append(Self.summary(tasks, shown: lines.count)) }
        guard lines != drawn else { return }
        // Up to the first line, then each one written over, and cleared behind and below (ECMA-48 CUU, EL, ED).
        let up = drawn.isEmpty ? "" : "\u{1B}[\(drawn.count)A"
        StandardOutput.write("\r" + up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
        drawn = lines
    }

    /// As many as there is room for, those first that have not ended: what has scrolled away cannot be drawn over.
    private static func mostInteresting(_ tasks: [WatchedTask], _ room: Int) -> [Board.Line] {
        guard tasks.count > room + 1 else { return tasks.map(\.line) }
        let live = tasks.filter { !$0.state.isFinal }
        return (live + tasks.filter(\.state.isFinal)).prefix(max(1, room)).map(\.line)
    }

    private static func summary(_ tasks: [WatchedTask], shown: Int) -> String {
        let completed = tasks.count { $0.state == .completed }
        let failed = tasks.count { $0.state.isFinal } - completed
        return "and \(tasks.count - shown) more; \(completed) completed, \(failed) failed of \(tasks.count)"
    }
}

/// A line for each event, where nothing can be drawn over.
struct LinePrinter: WatchPrinter {
    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask) {
        let percent = task.percent.flatMap(Whole.percent).map { " \($0)%" } ?? ""
        StandardOutput.write(task.id.text + percent + (task.words.isEmpty ? "" : " " + task.words) + "\n")
    }

}

/// A JSON object for each event: `{"task", "epoch", "sequence", "snapshot", "event"}`; epoch and sequence are null for an
/// event that was published without. With a snapshot `event` is the last event that says how the task stands, and `state` is
/// what the task is known to be by now, as `GET /api/v1/tasks/{id}` has it.
struct JSONPrinter: WatchPrinter {
    let parser: JSONParser

    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask) {
        let position = ServerSentEvent.position(event.id)
        var writer = JSONWriter(capacity: event.data.count + 128)
        writer.beginObject()
        writer.key("task")
        writer.string(task.id.text)
        writer.key("epoch")
        if let position { writer.string(position.epoch) } else { writer.null() }
        writer.key("sequence")
        if let position { writer.unsigned(position.sequence) } else { writer.null() }
        writer.key("snapshot")
        writer.bool(event.type == "snapshot")
        // Line ends stand between JSON's values only, never inside of them.
        let json = event.data.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        writer.key("event")
        if event.type == "snapshot", let object = try? parser.object(json), TaskState.isOne(object) {
            if let last = object["state"] { writer.value(last) }
            writer.key("state")
        }
        writer.raw(json)
        writer.endObject()
        StandardOutput.write(writer.bytes + [0x0A])
    }

}

/// What the printers of lines have in common.
extension WatchPrinter {
    /// Standard output has events only.
    mutating func note(_ task: WatchedTask, _ words: String) {
        StandardError.write("fantail: \(task.id.text): \(words)\n")
    }

    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool) {}
}
