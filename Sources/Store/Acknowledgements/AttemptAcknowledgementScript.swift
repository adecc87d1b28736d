package import RESP

/// Asks whether to send a message again, and counts the attempt.
package struct AttemptAcknowledgementScript: ScriptRequest {
    package static let script = RedisScript("ack-attempt", file: "AttemptAcknowledgementScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// What to do with the message.
    package enum Verdict: Sendable, Equatable {
        /// Send it.
        case send
        /// The client acknowledged it, or another connection holds it.
        case settled
        /// It had its last attempt, and is no longer kept.
        case dropped
    }

    /// The attempt's number, of at most `most`.
    package init(_ attempt: Int, of most: Int, _ id: String, in kept: AcknowledgementsKept) {
        keys = [kept.key]
        arguments = [[UInt8]](words: [kept.holder, id, "\(attempt)", "\(most)"])
    }

    package func reply(_ value: RedisValue) -> Verdict? {
        value.integer.map { $0 > 0 ? .send : $0 == 0 ? .settled : .dropped }
    }
}
