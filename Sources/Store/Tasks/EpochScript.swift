package import Events
package import RESP

/// Begins a new epoch on a channel that another Redis wrote last.
package struct EpochScript: ScriptRequest {
    package static let script = RedisScript("epoch", file: "EpochScript", runIDArgument: 0)
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// `runID` names the Redis that the node reads.
    package init(_ channel: ChannelName, runID: String, naming: Naming) {
        keys = [naming.metaKey(of: channel), naming.historyKey(of: channel)]
        arguments = [[UInt8]](words: [runID])
    }

    /// Whether there is a new epoch.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 == 1 } }
}
