import Base

/// Messages that wait to be sent to one viewer as one, oldest first.
///
/// A viewer that asks for batches accepts some milliseconds of delay for fewer messages. Where it does not read, its
/// batch is bounded and conflated like its outbox.
struct BatchQueue {
    struct Entry {
        let text: SharedBytes
        let key: Outbox.ConflationKey
    }

    private(set) var entries = ContiguousArray<Entry>()
    private(set) var bytes = 0

    /// Whether nothing waits.
    var isEmpty: Bool { entries.isEmpty }

    /// Queues a message. `backlog`: bytes in the outbox that the kernel has refused.
    mutating func append(
        _ text: SharedBytes, key: Outbox.ConflationKey, backlog: Int, limits: OutboxLimits
    ) -> Outbox.EnqueueResult {
        var result = Outbox.EnqueueResult.queued
        if key != .never, backlog + bytes > limits.softBytes, backlog > 0,
            let older = entries.lastIndex(where: { $0.key == key })
        {
            bytes -= entries[older].text.count
            entries.remove(at: older)
            result = .conflated
        }
        guard backlog + bytes + text.count <= limits.hardBytes || backlog == 0 else { return .overflowed }
        bytes += text.count
        entries.append(Entry(text: text, key: key))
        return result
    }

    /// Takes out all messages.
    mutating func take() -> [SharedBytes] {
        defer { self = BatchQueue() }
        return entries.map(\.text)
    }
}
