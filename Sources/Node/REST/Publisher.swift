import Events
import Dialects
import JSON
import RESP
import Redis
import Tasks

/// Publishes events that came over HTTP.
enum Publisher {
    /// Where a batch ended up.
    struct Receipt {
        /// The position of its last event.
        let position: Position
        /// Loops that are subscribed.
        let receivers: Int64
    }

    /// Writes and publishes a batch as one step.
    static func publish(
        _ batch: [PublishScript.Entry], to channel: ChannelName, idempotencyKey: String? = nil, core: LoopCore,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Receipt {
        guard let runID = core.redis.runID else { throw core.redis.whyNotReady }
        let configuration = core.shared.configuration
        let reply = try await core.redis.run(
            RedisScripts.publish,
            keys: PublishScript.keys(channel: channel, naming: configuration.naming, idempotencyKey: idempotencyKey),
            arguments: PublishScript.arguments(
                runID: runID, limits: configuration.history, naming: configuration.naming, batch: batch))
        return try receipt(in: reply)
    }

    /// Reads the reply of a script that publishes.
    static func receipt(in reply: RedisValue) throws(RedisError) -> Receipt {
        guard case .array(let fields) = reply, fields.count == 3, let epoch = fields[0].string,
            let sequence = fields[1].integer, sequence >= 0, let receivers = fields[2].integer
        else { throw .reply(RedisReplyError(code: "ERR", message: "unexpected reply to publish")) }
        return Receipt(position: Position(epoch: epoch, sequence: UInt64(sequence)), receivers: receivers)
    }
}
