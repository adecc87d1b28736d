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
                "Events go directly to Redis (--redis), or with --url to a node over HTTP, with a token that has the "
                    + "scope publish. Only the flag chooses nodes: FANTAIL_URL, which watch reads, does not.",
            ],
            examples: [
                Example("progress", #"fantail publish video_1 '{"progress":45,"message":"rendering"}'"#),
                Example(
                    "the end", #"fantail publish video_1 '{"type":"completed","result":{"videoUrl":"…"}}'"#),
                Example(
                    "from a machine that can reach only nodes",
                    #"fantail publish video_1 '{"progress":45}' --url https://fantail.example.com"#),
                Example("a program's output, line by line", "worker | fantail publish video_1 -"),
            ],
            flags: Flag.all(Route.settingsWithURLByFlag))
    }

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (route, positional) = try read(Route.settingsWithURLByFlag, defaults: Route(), arguments, environment)
        guard positional.count >= 2 else {
            throw .usage("expected a task and an event: fantail publish video_1 '{\"progress\":45}'")
        }
        guard let task = Identifier(positional[0]) else {
            throw .usage(TaskName.expectation(positional[0]))
        }
        if positional.count == 2, positional[1] == "-" { return try LinePublishing.run(task, route) }
        guard !positional.dropFirst().contains("-") else {
            throw .usage("expected events, or - alone to read events from standard input: fantail publish video_1 -")
        }
        let events = positional.dropFirst().map { Array($0.utf8) }
        if route.isByNodes {
            try publish(events, to: task, by: try NodeClient(route.access, scopes: ["publish"]))
        } else {
            try publish(events, to: task, in: try route.access.redis.checkedForRedis())
        }
    }

    private static func publish(
        _ events: [[UInt8]], to task: Identifier, in configuration: Configuration
    ) throws(CommandFailure) {
        let result = Blocking.wait {
            await Result { () async throws(EventPublishing.Failure) in
                try await EventPublishing.publish(events, toTask: task.text, configuration: configuration)
            }
        }
        switch result {
        case .success(let receipt): tell(receipt.epoch, "\(receipt.sequence)", "\(receipt.receivers)")
        case .failure(.invalid(let message)): throw .usage(message)
        case .failure(.redis(let message)), .failure(.refused(let message)): throw .failed(message)
        }
    }

    private static func publish(_ events: [[UInt8]], to task: Identifier, by client: NodeClient)
        throws(CommandFailure)
    {
        // Their mistakes are told with their place, which a node does not name.
        do throws(EventPublishing.Failure) { try EventPublishing.check(events) } catch {
            throw .usage(error.message)
        }
        switch client.publish(events, to: task) {
        case .answered(let answer):
            guard let receipt = NodeReceipt(answer) else {
                throw .failed("the node's answer is not understood")
            }
            tell(receipt.epoch, "\(receipt.sequence)", "\(receipt.receivers)")
        case .away(let reason), .refused(let reason): throw .failed(reason)
        }
    }

    private static func tell(_ epoch: String, _ sequence: String, _ receivers: String) {
        StandardOutput.line("epoch=\(epoch) sequence=\(sequence) receivers=\(receivers)")
    }
}
