import Settings
import Events
import Glibc
import JSON
import Node
package import Terminal

/// Shows tasks live until they have ended.
package enum WatchCommand: Command {
    package static let name = "watch"
    package static let summary = "show the progress of tasks until they end"

    /// The exit code of a timeout, as timeout(1) has it.
    private static let timedOut: Int32 = 124

    private struct Options: Sendable {
        var access = NodeAccess()
        var writesJSON = false
        var timeoutMilliseconds: Int?
    }

    private static let settings: [Setting<Options>] =
        [
            Setting("--json", [], nil, "print a JSON object for each event, one a line, instead of bars") {
                (options, text) throws(SettingError) in options.writesJSON = true
            },
            Setting("--timeout", [], "TIME", "the longest time to watch (for ever)") {
                (options, text) throws(SettingError) in
                options.timeoutMilliseconds = try SettingValue.milliseconds(text, in: 0...(366 * 86_400_000))
            },
        ] + NodeAccess.settings.map { $0.inside(\.access) }

    package static var manual: Manual {
        Manual(
            usage: ["watch TASK... [FLAGS]"],
            text: [
                "On a terminal each task is a progress bar; elsewhere each event is a line. When a node dies, the "
                    + "command asks the next --url, or the same one again, and continues after the last event. "
                    + "The command also waits for tasks without any event, and for tasks whose failure is retryable.",
                "Exit codes: 0: all tasks are completed; 1: a task has failed; 2: wrong usage, or the node "
                    + "refused the request; "
                    + "124: timeout.",
            ],
            examples: [
                Example("a bar on this terminal", "fantail watch video_1"),
                Example("in a script", "fantail watch build_7 && deploy"),
                Example(
                    "several tasks, on two nodes", "fantail watch a b c --url http://node1:8000 --url http://node2:8000"
                ),
                Example("every result as JSON", "fantail watch video_1 --json | jq .event.result"),
            ],
            flags: Flag.all(settings))
    }

    package static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (options, names) = try read(settings, defaults: Options(), arguments, environment)
        guard !names.isEmpty else { throw .usage("expected a task: fantail watch video_1") }
        var tasks: [Identifier] = []
        for name in names {
            guard let task = Identifier(name) else { throw .usage(TaskName.expectation(name)) }
            if !tasks.contains(task) { tasks.append(task) }
        }
        var watcher = Watcher(
            tasks, access: options.access, authorization: try options.access.authorization(),
            timeoutMilliseconds: options.timeoutMilliseconds,
            printer: printer(json: options.writesJSON, environment))
        guard let isCompleted = try watcher.run() else {
            throw CommandFailure(exitCode: timedOut, message: "timeout: not all tasks have ended")
        }
        if !isCompleted { exit(1) }
    }

    private static func printer(json: Bool, _ environment: [String: String]) -> any WatchPrinter {
        if json { return JSONPrinter(parser: JSONParser(maxBytes: Watcher.maxEventBytes)) }
        return StandardOutput.isDrawable(environment) ? BoardPrinter(environment: environment) : LinePrinter()
    }
}
