public import RESP

/// Tells which messages come for the second time, over another connection to the same server: while a slot changes hands, its
/// new master is heard over two connections for a moment. A numbered message is known by its number; a worker's own
/// `SPUBLISH` has none, so its bytes decide. Times are milliseconds of a monotonic clock.
public struct Echoes: Sendable {
    /// How long the second copy may take, and how long after the end of the second connection.
    static let keptMilliseconds: UInt64 = 2_000
    /// How much earlier a message may come over one connection than over another.
    static let lagMilliseconds: UInt64 = 250
    /// The first byte of a numbered message (Envelope).
    private static let numbered: UInt8 = 0x01
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
    /// When a connection began to hear a channel, by the digest of both, where that was not long ago.
    private var beginnings: [Int: UInt64] = [:]

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

    /// The connection hears the channel from now on: it brings no copies of what was published before.
    public mutating func didSubscribe(
        to channel: UnsafeRawBufferPointer, of server: Address, over connection: Int, at now: UInt64
    ) {
        guard slots[HashSlot.of(channel)] != nil else { return }
        beginnings[Self.digest(of: channel, server, connection)] = now
    }

    private static func digest(of channel: UnsafeRawBufferPointer, _ server: Address, _ connection: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(server)
        hasher.combine(connection)
        hasher.combine(bytes: channel)
        return hasher.finalize()
    }

    /// Whether a message of the channel came over another connection to that server before. `connection` is a number that no
    /// other connection to the server has.
    public mutating func hear(
        _ payload: UnsafeRawBufferPointer, on channel: UnsafeRawBufferPointer, of server: Address, over connection: Int,
        at now: UInt64
    ) -> Bool {
        guard payload.first != Self.numbered, let end = slots[HashSlot.of(channel)], now <= end else { return false }
        var hasher = Hasher()
        hasher.combine(server)
        hasher.combine(bytes: channel)
        hasher.combine(bytes: payload)
        let digest = hasher.finalize()
        let beginning = beginnings[Self.digest(of: channel, server, connection)] ?? 0
        let copy = messages.firstIndex {
            $0.digest == digest && now - $0.time <= Self.keptMilliseconds && $0.time + Self.lagMilliseconds >= beginning
                && !$0.connections.contains(connection)
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
        beginnings = beginnings.filter { !slots.isEmpty && now - $0.value <= Self.keptMilliseconds }
    }
}
