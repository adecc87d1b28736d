import RedisClient
import Tasks

/// The scripts of ``Tasks`` as the Redis client knows them.
enum RedisScripts {
    static let publish = RedisScript(name: "publish", text: PublishScript.text)
    static let read = RedisScript(name: "read", text: ReadScript.text)
    static let positions = RedisScript(name: "positions", text: PositionsScript.text)
    static let addAcknowledgement = RedisScript(name: "ack-add", text: AcknowledgementScripts.add)
    static let takeOverAcknowledgements = RedisScript(name: "ack-take-over", text: AcknowledgementScripts.takeOver)
    static let attemptAcknowledgement = RedisScript(name: "ack-attempt", text: AcknowledgementScripts.attempt)
    static let removeAcknowledgement = RedisScript(name: "ack-remove", text: AcknowledgementScripts.remove)
    static let register = RedisScript(name: "register", text: RegistrationScript.text)
    static let takeInquiries = RedisScript(name: "inquiry-take", text: InquiryScripts.take)
    static let beginInquiry = RedisScript(name: "inquiry-begin", text: InquiryScripts.begin)
    static let settleInquiry = RedisScript(name: "inquiry-settle", text: InquiryScripts.settle)
    static let all =
        [
            publish, read, positions, addAcknowledgement, takeOverAcknowledgements, attemptAcknowledgement,
            removeAcknowledgement, register, takeInquiries, beginInquiry, settleInquiry,
        ] + PresenceScripts.all
}

/// What Redis connections report, in the log's words.
enum RedisLogging {
    static func log(_ event: RedisEvent, connection: String, loop: Int, to log: Log) {
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
        case .retrying: log.debug("Redis will be tried again", fields)
        }
    }
}
