package import Events
import RESP

/// Where a batch was published: the reply of every script that publishes, and of the workers' Function.
package struct PublishReceipt: Sendable, Equatable {
    /// The position of its last event.
    package let position: Position
    /// Loops that are subscribed.
    package let receivers: Int64

    init?(_ value: RedisValue) {
        guard let fields = value.array, fields.count == 3, let epoch = fields[0].string,
            let sequence = fields[1].integer, sequence >= 0, let receivers = fields[2].integer
        else { return nil }
        position = Position(epoch: epoch, sequence: UInt64(sequence))
        self.receivers = receivers
    }
}
