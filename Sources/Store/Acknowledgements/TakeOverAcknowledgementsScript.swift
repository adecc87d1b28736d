package import RESP

/// Takes over the messages that another connection of the client left.
package struct TakeOverAcknowledgementsScript: ScriptRequest {
    package static let script = RedisScript("ack-take-over", file: "TakeOverAcknowledgementsScript")
    package let keys: [String]
    package let arguments: [[UInt8]]

    /// The messages that were left.
    package struct Left: Sendable, Equatable {
        /// How many were dropped because they were kept for too long.
        package let dropped: Int64
        /// The messages, oldest first.
        package let messages: [Message]
    }

    /// One message.
    package struct Message: Sendable, Equatable {
        /// The id that the client acknowledges.
        package let id: String
        /// How often it was sent again.
        package let attempts: Int64
        /// The message as it was sent, JSON.
        package let text: [UInt8]
    }

    /// Redis keeps the messages for so many seconds.
    package init(_ kept: AcknowledgementsKept, seconds: Int) {
        keys = [kept.key]
        arguments = [[UInt8]](words: [kept.holder, "\(seconds)"])
    }

    package func reply(_ value: RedisValue) -> Left? {
        guard let fields = value.array, let dropped = fields.first?.integer else { return nil }
        let messages = stride(from: 1, to: fields.count - 2, by: 3).compactMap { place -> Message? in
            guard let id = fields[place].string, let attempts = fields[place + 1].integer,
                let text = fields[place + 2].bytes
            else { return nil }
            return Message(id: id, attempts: attempts, text: text)
        }
        return Left(dropped: dropped, messages: messages)
    }
}
