package import RESP
import Tasks

/// The scripts by which channels are read.
package enum ChannelScripts {
    static let read = RedisScript(name: "read", text: ReadScript.text)
    static let beginEpoch = RedisScript(name: "epoch", text: EpochScript.text)
    static let positions = RedisScript(name: "positions", text: PositionsScript.text)
    /// All of them.
    package static let all = [read, beginEpoch, positions]
}
