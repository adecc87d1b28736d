package import RESP

/// Keeps a message that a client of `topics` must acknowledge.
package struct AddAcknowledgementScript: ScriptRequest {
    package static let script = RedisScript("ack-add", file: "AddAcknowledgementScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// Redis keeps at most `most` messages, for so many seconds.
    package init(_ id: String, _ text: [UInt8], in kept: AcknowledgementsKept, most: Int, seconds: Int) {
        keys = [kept.key]
        arguments = [
            Array(kept.holder.utf8), Array(id.utf8), text, Array("\(most)".utf8), Array("\(seconds)".utf8),
        ]
    }

    /// Whether the message is kept: false where there is no room, or a later connection of the client has taken over.
    package func reply(_ value: RedisValue) -> Bool? { value.integer.map { $0 != 0 } }
}
