package import Events
package import RESP

/// Ends an inquiry, and publishes its answer.
package struct SettleInquiryScript: ScriptRequest {
    package static let script = RedisScript(
        "inquiry-settle", file: "SettleInquiryScript", runIDArgument: 4 + PublishArguments.runIDPlace)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Ends the inquiry `token`, whose answer is fresh for so long (0: no third party was asked), and publishes the
    /// news, if any. The task stood at `epoch` and `stateSequence` when the inquiry began.
    package init(
        _ channel: ChannelName, token: String, freshMilliseconds: UInt64, epoch: String, stateSequence: String,
        publishing: PublishArguments?, naming: Naming
    ) {
        keys = [naming.metaKey(of: channel), naming.historyKey(of: channel), naming.inquiryKey(of: channel)]
        let head = [token, "\(freshMilliseconds)", epoch, stateSequence]
        arguments = [[UInt8]](words: head) + (publishing?.words ?? [])
    }

    /// Whether the task goes on: it exists and has not ended.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
