package import Events
package import RESP

/// Publishes a batch of events that a node has checked.
package struct PublishScript: ScriptRequest {
    package static let script = RedisScript(
        "publish", file: "PublishScript", runIDArgument: PublishArguments.runIDPlace)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// One event of a batch.
    package typealias Entry = PublishArguments.Entry

    /// `idempotencyKey`: the publisher's name for the batch, so that sending it twice publishes it once.
    package init(
        _ batch: [Entry], to channel: ChannelName, runID: String, limits: HistoryLimits, naming: Naming,
        idempotencyKey: String? = nil
    ) {
        keys =
            [naming.metaKey(of: channel), naming.historyKey(of: channel)]
            + (idempotencyKey.map { [naming.idempotencyKey($0, of: channel)] } ?? [])
        arguments =
            PublishArguments(batch, to: channel, runID: runID, limits: limits, naming: naming).words
    }

    package func reply(_ value: RedisValue) -> PublishReceipt? { PublishReceipt(value) }
}
