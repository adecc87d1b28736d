import Dialects
import Events
import HTTP
import JSON
import Progress
import Terminal

/// Shows the events of the watched tasks.
protocol WatchPrinter {
    /// Shows an event of a task, which `task` already includes.
    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask)
    /// Tells the user of a problem with the node or the connection, or that nothing is known.
    mutating func tell(_ task: WatchedTask, _ words: String)
    /// Called repeatedly, and once at the end: draws.
    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool)
    /// Called at the end: tells the errors, whole.
    func conclude(_ tasks: [WatchedTask])
}

/// Bars that are redrawn, on a terminal.
struct BoardPrinter: WatchPrinter {
    let environment: [String: String]
    /// The lines on the screen.
    private var drawn: [String] = []

    init(environment: [String: String]) { self.environment = environment }

    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask) {}
    mutating func tell(_ task: WatchedTask, _ words: String) {}

    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool) {
        // Read each time: the window may have been resized.
        let (style, rows) = StandardOutput.style(environment)
        var lines = Board(style: style).draw(isLast ? tasks.map(\.line) : Self.mostInteresting(tasks, rows - 2))
        if !isLast, lines.count < tasks.count { lines.append(Self.summary(tasks, shown: lines.count)) }
        guard lines != drawn else { return }
        // Up to the first line, then each one overwritten, and the rest cleared (ECMA-48 CUU, EL, ED).
        let up = drawn.isEmpty ? "" : "\u{1B}[\(drawn.count)A"
        StandardOutput.page("\r" + up + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
        drawn = lines
    }

    func conclude(_ tasks: [WatchedTask]) {
        for (task, line) in zip(tasks, drawn) { tellError(of: task, besides: line) }
    }

    /// As many tasks as fit, running ones first: lines that have scrolled away cannot be redrawn.
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

/// A line for each event, where the output cannot be redrawn.
struct LinePrinter: WatchPrinter {
    mutating func show(_ event: EventStreamDecoder.Event, of task: WatchedTask) {
        let percent = task.percent.flatMap(Whole.percent).map { " \($0)%" } ?? ""
        StandardOutput.line(task.id.text + percent + (task.words.isEmpty ? "" : " " + task.words))
    }

}

/// A JSON object for each event: `{"task", "epoch", "sequence", "snapshot", "event"}`; epoch and sequence are null for
/// an event without a position. With a snapshot `event` is the last event that tells how the task stands, and `state`
/// is the task's state now, as in `GET /api/v1/tasks/{id}`.
struct JSONPrinter: WatchPrinter {
    let parser: JSONParser

    /// The events have their errors whole.
    func conclude(_ tasks: [WatchedTask]) {}

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
        writer.key("event")
        if event.type == "snapshot", let object = try? parser.object(event.data),
            TaskState.isOne(object)
        {
            if let last = object["state"] { writer.value(last) }
            writer.key("state")
        }
        writer.raw(event.data)
        writer.endObject()
        StandardOutput.write(PrintableJSON.bytes(writer.bytes) + [0x0A])
    }

}

/// The part that the printers of lines share.
extension WatchPrinter {
    /// Standard output has only events.
    mutating func tell(_ task: WatchedTask, _ words: String) {
        StandardError.line("\(task.id.text): \(words)")
    }

    mutating func refresh(_ tasks: [WatchedTask], isLast: Bool) {}

    func conclude(_ tasks: [WatchedTask]) {
        for task in tasks { tellError(of: task, besides: task.words) }
    }
}

extension WatchPrinter {
    fileprivate func tellError(of task: WatchedTask, besides shown: String) {
        for line in task.error?.whole(besides: shown) ?? [] {
            StandardError.line(line.hasPrefix(" ") ? line : "\(task.id.text): \(line)")
        }
    }
}
