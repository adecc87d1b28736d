import Events
import RESP
import Redis
import Store

/// Publishes events that arrived over HTTP.
struct Publisher {
    let bus: any Bus
    let naming: Naming
    let history: HistoryLimits

    /// Writes and publishes a batch as one step.
    nonisolated(nonsending) func publish(
        _ batch: [PublishScript.Entry], to channel: ChannelName, idempotencyKey: String?
    ) async throws(RedisError) -> PublishReceipt {
        try await bus.run(
            PublishScript(
                batch, to: channel, runID: try runID(of: channel), limits: history, naming: naming,
                idempotencyKey: idempotencyKey))
    }

    /// Stores a task and publishes its first event, as one step. `firstInquiryMilliseconds`: the time until the first
    /// request to its third party; nil where nodes ask none.
    nonisolated(nonsending) func register(
        _ body: RegistrationBody, firstInquiryMilliseconds: Int?, idempotencyKey: String?
    ) async throws(RedisError) -> PublishReceipt {
        let channel = ChannelName.task(body.task)
        let runID = try runID(of: channel)
        try await enter(channel, body.secrets, firstInquiryMilliseconds: firstInquiryMilliseconds)
        let publishing = PublishArguments([body.event], to: channel, runID: runID, limits: history, naming: naming)
        return try await bus.run(
            RegistrationScript(
                channel, secrets: body.secrets, publishing: publishing, naming: naming,
                idempotencyKey: idempotencyKey))
    }

    /// Adds the task to the due sets. This comes first: a registered task must not be forgotten, and a task that is in
    /// a set but was not registered is dropped by the node that takes it. These sets have other hash slots than the
    /// task.
    nonisolated(nonsending) private func enter(
        _ channel: ChannelName, _ secrets: RegistrationScript.Secrets, firstInquiryMilliseconds: Int?
    ) async throws(RedisError) {
        let name = naming.channel(channel.text)
        if let firstInquiryMilliseconds {
            try await bus.run(EnterDueScript(name, milliseconds: firstInquiryMilliseconds, in: .inquiries(naming)))
        }
        if !secrets.isEmpty {
            let look = KeepSecretsScript.firstLook(history)
            try await bus.run(EnterDueScript(name, milliseconds: look, in: .secrets(naming)))
        }
    }

    /// The run id of the Redis that keeps the channel.
    private func runID(of channel: ChannelName) throws(RedisError) -> String {
        guard let runID = bus.runID(for: naming.metaKey(of: channel)) else { throw bus.whyNotReady }
        return runID
    }

    /// Publishes a notification to every connection of a user; once, where the request has an idempotency key. `source`
    /// is the request's body, which tells whether a second request with that key is the same. Returns the
    /// notification's id, and how many loops got it.
    nonisolated(nonsending) func notify(
        _ user: Identifier, _ notification: Notification, source: [UInt8], idempotencyKey: String?
    ) async throws(RedisError) -> (id: Int64, receivers: Int64) {
        guard let idempotencyKey else {
            let channel = naming.channel(ChannelName.user(user).text)
            return (notification.id, try await bus.publish(notification.text, to: channel).integer ?? 0)
        }
        let receipt = try await bus.run(
            NotificationScript(
                notification.text, id: notification.id, source: source, to: user, name: idempotencyKey,
                naming: naming))
        return (receipt.id, receipt.receivers)
    }
}
