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

    /// Queues a message. Behind a blocked outbox, which the viewer does not read or poll, the batch has the outbox's bounds.
    mutating func append(
        _ text: SharedBytes, key: Outbox.ConflationKey, behind outbox: borrowing Outbox, limits: OutboxLimits
    ) -> Outbox.EnqueueResult {
        let (backlog, isBlocked) = (outbox.backlog, outbox.isBlocked)
        var result = Outbox.EnqueueResult.queued
        if isBlocked, key != .never, backlog + bytes > limits.softBytes,
            let older = entries.lastIndex(where: { $0.key == key })
        {
            bytes -= entries[older].text.count
            entries.remove(at: older)
            result = .conflated
        }
        guard !isBlocked || backlog + bytes + text.count <= limits.hardBytes else { return .overflowed }
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
