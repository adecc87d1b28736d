import Node

/// Publishes events of one task.
enum PublishCommand: Command {
    static let name = "publish"
    static let summary = "publish an event: fantail publish video_1 '{\"progress\":45}'"

    static func run(_ arguments: [String], environment: [String: String]) throws(CommandFailure) {
        let (configuration, positional) = try read(
            NodeSettings.redis, defaults: Configuration(), arguments, environment,
            usage: "fantail publish TASK EVENT... [FLAGS]\n\nSeveral events are one batch: all of them or none.")
        guard positional.count >= 2 else {
            throw .usage("expected a task and an event: fantail publish video_1 '{\"progress\":45}'")
        }
        let events = positional.dropFirst().map { Array($0.utf8) }
        let result = Blocking.wait {
            await Result { () async throws(EventPublishing.Failure) in
                try await EventPublishing.publish(events, toTask: positional[0], configuration: configuration)
            }
        }
        switch result {
        case .success(let receipt):
            print("epoch=\(receipt.epoch) sequence=\(receipt.sequence) receivers=\(receipt.receivers)")
        case .failure(.invalid(let message)): throw .usage(message)
        case .failure(.redis(let message)): throw .failed(message)
        }
    }
}
