import Events
import RESP
import Redis
import Tasks

/// Publishes what came over HTTP.
struct Publisher {
    let bus: any Bus
    let naming: Naming
    let history: HistoryLimits

    /// Where a batch ended up.
    struct Receipt {
        /// The position of its last event.
        let position: Position
        /// Loops that are subscribed.
        let receivers: Int64
    }

    /// Writes and publishes a batch as one step.
    nonisolated(nonsending) func publish(
        _ batch: [PublishScript.Entry], to channel: ChannelName, idempotencyKey: String?
    ) async throws(RedisError) -> Receipt {
        let reply = try await bus.run(
            RedisScripts.publish,
            keys: PublishScript.keys(channel: channel, naming: naming, idempotencyKey: idempotencyKey),
            arguments: try arguments(batch, to: channel))
        return try Self.receipt(in: reply)
    }

    /// Stores a task and publishes its first event, as one step. `firstInquiryMilliseconds`: when a third party is asked
    /// first; nil where nobody asks one.
    nonisolated(nonsending) func register(
        _ body: RegistrationBody, firstInquiryMilliseconds: Int?, idempotencyKey: String?
    ) async throws(RedisError) -> Receipt {
        let channel = ChannelName.task(body.task)
        let reply = try await bus.run(
            RedisScripts.register,
            keys: RegistrationScript.keys(channel, naming: naming, idempotencyKey: idempotencyKey),
            arguments: RegistrationScript.arguments(
                channel, secrets: body.secrets, firstInquiryMilliseconds: firstInquiryMilliseconds, naming: naming,
                publishing: try arguments([body.event], to: channel)))
        return try Self.receipt(in: reply)
    }

    private func arguments(
        _ batch: [PublishScript.Entry], to channel: ChannelName
    ) throws(RedisError) -> [[UInt8]] {
        guard let runID = bus.runID(for: naming.metaKey(of: channel)) else { throw bus.whyNotReady }
        return PublishScript.arguments(runID: runID, limits: history, naming: naming, batch: batch)
    }

    /// Reads the reply of a script that publishes.
    static func receipt(in reply: RedisValue) throws(RedisError) -> Receipt {
        guard case .array(let fields) = reply, fields.count == 3, let epoch = fields[0].string,
            let sequence = fields[1].integer, sequence >= 0, let receivers = fields[2].integer
        else { throw .reply(RedisReplyError(code: "ERR", message: "unexpected reply to publish")) }
        return Receipt(position: Position(epoch: epoch, sequence: UInt64(sequence)), receivers: receivers)
    }

    /// Sends a notification to every connection of a user; once, where the request has a name. `source` is the request's body,
    /// by which a second request of that name is known to be the same. Answers the notification's id, and how many loops got
    /// it.
    nonisolated(nonsending) func notify(
        _ user: Identifier, _ notification: Notification, source: [UInt8], idempotencyKey: String?
    ) async throws(RedisError) -> (id: Int64, receivers: Int64) {
        guard let idempotencyKey else {
            let channel = naming.channel(ChannelName.user(user).text)
            return (notification.id, try await bus.publish(notification.text, to: channel).integer ?? 0)
        }
        let reply = try await bus.run(
            RedisScripts.notify, keys: NotificationScript.keys(idempotencyKey, of: user, naming: naming),
            arguments: NotificationScript.arguments(
                notification.text, id: notification.id, source: source, to: user, naming: naming))
        guard case .array(let fields) = reply, fields.count == 3, let id = fields[1].integer,
            let receivers = fields[2].integer
        else { throw .reply(RedisReplyError(code: "ERR", message: "unexpected reply to notify")) }
        return (id, receivers)
    }
}
