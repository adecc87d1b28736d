import RedisClient
import Tasks

/// Loads the Function that workers publish with, where Redis has none, an older one or one with
/// other limits.
enum WorkerFunction {
    static func install(on redis: RedisConnection, configuration: Configuration, log: Log) {
        let function = PublishFunction(naming: configuration.naming, limits: configuration.history)
        redis.send(RedisCommand("FCALL", .string(configuration.naming.publishFunction + "_version"), "0")) { result in
            if case .success(let reply) = result, let version = reply.string, function.isCurrent(version) { return }
            load(function, on: redis, log: log)
        }
    }

    private static func load(_ function: PublishFunction, on redis: RedisConnection, log: Log) {
        redis.send(RedisCommand("FUNCTION", "LOAD", "REPLACE", .string(function.source))) { result in
            switch result {
            case .success: log.info("loaded the Redis Function", ["library": .text(function.library)])
            case .failure(let error):
                log.warning(
                    "could not load the Redis Function; workers' FCALL may fail",
                    ["library": .text(function.library), "reason": .text("\(error)")])
            }
        }
    }
}
