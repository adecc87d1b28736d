import Events
import Dialects
import JSON
import RESP
import Redis
import Store

/// Publishes events that came over HTTP.
enum Publisher {
    /// Where a batch ended up.
    typealias Receipt = PublishReceipt

    /// Writes and publishes a batch as one step.
    static func publish(
        _ batch: [PublishScript.Entry], to channel: ChannelName, idempotencyKey: String? = nil, core: LoopCore,
        isolation: isolated (any Actor)? = #isolation
    ) async throws(RedisError) -> Receipt {
        guard let runID = core.redis.runID else { throw core.redis.whyNotReady }
        let configuration = core.shared.configuration
        return try await core.redis.run(
            PublishScript(
                batch, to: channel, runID: runID, limits: configuration.history, naming: configuration.naming,
                idempotencyKey: idempotencyKey))
    }
}
