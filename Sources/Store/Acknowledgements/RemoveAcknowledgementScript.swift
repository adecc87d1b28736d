package import RESP

/// Forgets an acknowledged message.
package struct RemoveAcknowledgementScript: ScriptRequest {
    package static let script = RedisScript("ack-remove", file: "RemoveAcknowledgementScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// The client has acknowledged `id`.
    package init(_ id: String, in kept: AcknowledgementsKept) {
        keys = [kept.key]
        arguments = [[UInt8]](words: [id])
    }

    package func reply(_ value: RedisValue) -> Void? { value.integer.map { _ in } }
}
