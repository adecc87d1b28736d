public import RESP

/// Tells which messages come for the second time, over another connection to the same server: while a slot changes hands, its
/// new master is heard over two connections for a moment. A numbered message is known by its number; a worker's own
/// `SPUBLISH` has none, so its bytes decide. Times are milliseconds of a monotonic clock.
public struct Echoes: Sendable {
    /// How long the second copy may take, and how long after the end of the second connection.
    static let keptMilliseconds: UInt64 = 2_000
    /// The most messages that are remembered: those of two seconds, where a worker publishes 500 a second in the slot.
    static let most = 1_000

    private struct Message {
        let digest: Int
        let time: UInt64
        /// The numbers of the connections that it came over.
        var connections: [Int]
    }

    /// The slots with several connections, and until when each counts as one.
    private var slots: [HashSlot: UInt64] = [:]
    private var messages: [Message] = []

    /// Every message comes once.
    public init() {}

    /// Whether every message comes once: then there is no need to ask.
    public var isIdle: Bool { slots.isEmpty }

    /// From now on messages of the slot may come twice.
    public mutating func begin(_ slot: HashSlot) { slots[slot] = .max }

    /// The slot has one connection again. What was published before may still come over it.
    public mutating func end(_ slot: HashSlot, at now: UInt64) {
        if slots[slot] != nil { slots[slot] = now + Self.keptMilliseconds }
    }

    /// Whether a message of the channel came over another connection to that server before. `connection` is a number that no
    /// other connection to the server has.
    public mutating func hear(
        _ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer, of server: Address, over connection: Int,
        at now: UInt64
    ) -> Bool {
        guard let end = slots[HashSlot.of(channel)], now <= end else { return false }
        var hasher = Hasher()
        hasher.combine(server)
        hasher.combine(bytes: channel)
        hasher.combine(bytes: payload)
        let digest = hasher.finalize()
        let copy = messages.firstIndex {
            $0.digest == digest && now - $0.time <= Self.keptMilliseconds && !$0.connections.contains(connection)
        }
        if let copy {
            messages[copy].connections.append(connection)
            return true
        }
        if messages.count == Self.most { messages.removeFirst(Self.most / 2) }
        messages.append(Message(digest: digest, time: now, connections: [connection]))
        return false
    }

    /// Forgets what is over.
    public mutating func forget(at now: UInt64) {
        slots = slots.filter { $0.value >= now }
        messages.removeAll { slots.isEmpty || now - $0.time > Self.keptMilliseconds }
    }
}
