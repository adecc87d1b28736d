import RESP
import Redis

/// What Redis connections report, in the log's words.
enum RedisLogging {
    static func log(_ event: RedisEvent, _ role: RedisRole, loop: Int, to log: Log) {
        let connection = role == .commands ? "commands" : "pubsub"
        let fields: Log.Fields = ["link": .text(connection), "loop": .number(loop)]
        switch event {
        case .connected(let server):
            log.info(
                "Redis connected",
                ["link": .text(connection), "loop": .number(loop), "version": .text(server.version)])
        case .lost(let failure):
            log.warning(
                "Redis lost", ["link": .text(connection), "loop": .number(loop), "reason": .text("\(failure)")])
        case .failed(let failure):
            log.debug(
                "Redis not reached", ["link": .text(connection), "loop": .number(loop), "reason": .text("\(failure)")])
        case .refused(let failure):
            log.error(
                "Redis refuses this node",
                ["link": .text(connection), "loop": .number(loop), "reason": .text("\(failure)")])
        case .declined: break
        case .retrying: log.debug("Redis will be tried again", fields)
        }
    }
}
