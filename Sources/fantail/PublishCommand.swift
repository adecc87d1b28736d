import Settings
import Dialects
import Direct
import Events
import Node
import Threads
import Terminal

/// Publishes events to one task.
enum PublishCommand: Command {
    static let name = "publish"
    static let summary = "publish events to a task"

    static var manual: Manual {
        Manual(
            usage: ["publish TASK EVENT... [FLAGS]", "publish TASK - [FLAGS]"],
            text: [
                "An event is a JSON object of at most 64 KiB. Several events are one batch: Redis takes all "
                    + "of them or none.",
                "With -, each line of standard input is an event, which is published at once and in order. "
                    + "The command reports "
                    + "each refused line, publishes the others, and exits with 1.",
            ],
            examples: [
                Example("progress", #"fantail publish video_1 '{"progress":45,"message":"rendering"}'"#),
                Example("the end", #"fantail publish video_1 '{"type":"completed","result":{"videoUrl":"…"}}'"#),
                Example("a program's output, line by line", "worker | fantail publish video_1 -"),
            ],
            flags: Flag.all(NodeSettings.redis))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (settings, positional) = try read(NodeSettings.redis, defaults: Configuration(), arguments, environment)
        let configuration = try settings.checkedForRedis()
        guard positional.count >= 2 else {
            throw .usage("expected a task and an event: fantail publish video_1 '{\"progress\":45}'")
        }
        if positional.count == 2, positional[1] == "-" {
            guard let task = Identifier(positional[0]) else { throw .usage(TaskName.expectation(positional[0])) }
            return try LinePublishing.run(task, configuration)
        }
        guard !positional.dropFirst().contains("-") else {
            throw .usage("expected events, or - alone to read events from standard input: fantail publish video_1 -")
        }
        let events = positional.dropFirst().map { Array($0.utf8) }
        let result = Blocking.wait {
            await Result { () async throws(EventPublishing.Failure) in
                try await EventPublishing.publish(events, toTask: positional[0], configuration: configuration)
            }
        }
        switch result {
        case .success(let receipt):
            StandardOutput.line("epoch=\(receipt.epoch) sequence=\(receipt.sequence) receivers=\(receipt.receivers)")
        case .failure(.invalid(let message)): throw .usage(message)
        case .failure(.redis(let message)), .failure(.refused(let message)): throw .failed(message)
        }
    }
}
