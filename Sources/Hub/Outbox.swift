public import Base
public import Glibc

/// The frames that wait for one viewer, oldest first.
///
/// Every viewer of a frame shares it; an outbox holds one reference a frame. An outbox can be written when nothing is
/// in flight. When the kernel takes only a part, the caller itself sends the rest of the cut frame (``Rest``) and the
/// outbox is blocked until that rest is gone. While it is blocked, its bytes count against ``OutboxLimits``: above the
/// soft limit progress is conflated, above the hard limit the outbox overflows.
public struct Outbox {
    /// Which frames may replace each other: a channel's number, or none.
    public struct ConflationKey: Equatable, Sendable {
        @usableFromInline
        let number: UInt32

        @inlinable
        init(number: UInt32) { self.number = number }

        /// The key of one task among the many of a channel. Tasks whose ids hash alike may replace each other: of two
        /// tasks of a slow viewer's owner, once in two billion.
        public init(task: String) {
            var hasher = Hasher()
            hasher.combine(task)
            number = UInt32(truncatingIfNeeded: hasher.finalize()) | 0x8000_0000
        }

        /// A frame that is never replaced.
        public static let never = ConflationKey(number: 0)
    }

    /// The rest of a partly written frame. It must be the next thing on the wire.
    public struct Rest {
        /// The frame that was cut.
        public let frame: SharedBytes
        /// How many of its bytes the kernel has taken.
        public let offset: Int
    }

    /// What ``append(_:key:limits:)`` did with a frame.
    public enum EnqueueResult: Equatable, Sendable {
        /// It waits.
        case queued
        /// It waits, and an older frame of its key is gone.
        case conflated
        /// It would exceed the hard limit: nothing was queued, the viewer must be closed.
        case overflowed
    }

    /// Frames not yet handed to the kernel, nor to a pending write.
    @usableFromInline
    var entries = OutboxEntries()

    /// Bytes in `entries` and in the write in flight; counted only while the outbox is blocked.
    @usableFromInline
    var waitingBytes = 0

    /// Whether the rest of a frame is in flight, so that nothing else may be written.
    public private(set) var isBlocked = false

    /// Whether an event has waited here with other frames: then it will again. Answers alone come once, most of them when
    /// a viewer connects.
    @usableFromInline
    var holdsEvents = false

    /// An outbox with nothing in it and nothing allocated.
    public init() {}

    /// Whether nothing waits. A write may still be in flight.
    @inlinable
    public var isEmpty: Bool { entries.isEmpty }

    /// How many frames wait.
    public var count: Int { entries.count }

    /// Bytes that the kernel refused; 0 unless blocked.
    public var backlog: Int { isBlocked ? waitingBytes : 0 }

    /// Bytes that wait, with those not yet offered to the kernel.
    public var pendingBytes: Int { isBlocked ? waitingBytes : entries.bytes }

    /// Queues a frame, or refuses it. `isEvent`: it is no answer to this viewer alone.
    @inlinable
    public mutating func append(
        _ frame: SharedBytes, key: ConflationKey, isEvent: Bool = true, limits: OutboxLimits
    ) -> EnqueueResult {
        if isBlocked { return appendBlocked(frame, key: key, limits: limits) }
        if isEvent, !entries.isEmpty { holdsEvents = true }
        entries.append(OutboxEntries.Entry(frame: frame, key: key))
        return .queued
    }

    @usableFromInline
    mutating func appendBlocked(_ frame: SharedBytes, key: ConflationKey, limits: OutboxLimits) -> EnqueueResult {
        var result = EnqueueResult.queued
        if key != .never, waitingBytes > limits.softBytes, let older = entries.lastIndex(of: key) {
            // A frame at the tail is replaced there; elsewhere the newer one goes to the tail and overtakes nothing.
            waitingBytes -= entries[older].frame.count
            entries.remove(at: older)
            result = .conflated
        }
        guard waitingBytes + frame.count <= limits.hardBytes else { return .overflowed }
        waitingBytes += frame.count
        entries.append(OutboxEntries.Entry(frame: frame, key: key))
        return result
    }

    /// Fills `vector` with the oldest frames; returns their number.
    @inlinable
    public func fill(_ vector: UnsafeMutableBufferPointer<iovec>) -> Int { entries.fill(vector) }

    /// Removes the bytes that the kernel took: `written` of the first `offered` frames.
    ///
    /// - Returns: nil when the kernel took all of them. Otherwise the outbox is blocked, and the caller has to send the
    /// returned rest and call ``unblock()`` once it is gone.
    public mutating func advance(written: Int, offered: Int) -> Rest? {
        var left = written
        for index in 0..<offered {
            let frame = entries[index].frame
            guard left >= frame.count else {
                entries.removeFirst(index + 1, keepsMemory: holdsEvents)
                isBlocked = true
                waitingBytes = frame.count - left + entries.bytes
                return Rest(frame: frame, offset: left)
            }
            left -= frame.count
        }
        precondition(left == 0, "Outbox: \(left) bytes written beyond what was offered")
        entries.removeFirst(offered, keepsMemory: holdsEvents)
        return nil
    }

    /// All that was offered was taken, and `bytes` of it wait for the kernel somewhere else: the outbox is blocked until
    /// ``unblock()``, as it is behind the rest of a frame.
    public mutating func block(behind bytes: Int) {
        isBlocked = true
        waitingBytes = bytes + entries.bytes
    }

    /// The rest of the cut frame has been written: the outbox can be written again.
    public mutating func unblock() {
        isBlocked = false
        waitingBytes = 0
    }

    /// Puts every frame that waits into another form.
    mutating func reframe(_ form: (SharedBytes) -> SharedBytes) {
        for index in 0..<entries.count {
            entries[index] = OutboxEntries.Entry(frame: form(entries[index].frame), key: entries[index].key)
        }
        if isBlocked { waitingBytes = entries.bytes }
    }

    /// Drops all frames, except a write in flight.
    public mutating func removeAll() {
        entries.removeAll(keepsMemory: false)
        waitingBytes = 0
    }
}
