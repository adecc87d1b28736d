public import Base
public import Glibc

/// The frames that wait for one viewer, oldest first.
///
/// A frame is shared with every other viewer that is to have it; here is one reference a frame. The outbox is free to be
/// written when nothing is in flight; when the kernel takes only a part, the caller sends the rest of the frame it cut
/// itself (``Rest``) and the outbox is blocked until that rest is gone. While it is blocked, its bytes count against
/// ``OutboxLimits``: above the soft limit progress is conflated, above the hard limit the outbox overflows.
public struct Outbox {
    /// Which frames may replace each other: a channel's number, or none.
    public struct ConflationKey: Equatable, Sendable {
        @usableFromInline
        let number: UInt32

        @inlinable
        init(number: UInt32) { self.number = number }

        /// The events of one task among those of many in a channel: what hashes alike may replace each other, so two of
        /// the tasks a slow viewer owns may, once in two billion.
        public init(task: String) {
            var hasher = Hasher()
            hasher.combine(task)
            number = UInt32(truncatingIfNeeded: hasher.finalize()) | 0x8000_0000
        }

        /// A frame that is never replaced.
        public static let never = ConflationKey(number: 0)
    }

    /// What the kernel left of a partly written frame. It must be the next thing on the wire.
    public struct Rest {
        /// The frame that was cut.
        public let frame: SharedBytes
        /// How many of its bytes the kernel has taken.
        public let offset: Int
    }

    /// What ``append(_:key:limits:)`` did with a frame.
    public enum Admission: Equatable, Sendable {
        /// It waits its turn.
        case queued
        /// It waits its turn, and an older one of its key no longer does.
        case conflated
        /// It would exceed the hard limit: nothing was queued, the viewer must be closed.
        case overflowed
    }

    @usableFromInline
    struct Entry {
        @usableFromInline
        let frame: SharedBytes
        @usableFromInline
        let key: ConflationKey

        @inlinable
        init(frame: SharedBytes, key: ConflationKey) {
            self.frame = frame
            self.key = key
        }
    }

    /// Frames not yet handed to the kernel, nor to a pending write.
    @usableFromInline
    var entries = ContiguousArray<Entry>()

    /// Bytes in `entries` and in the write in flight; counted only while blocked.
    @usableFromInline
    var waitingBytes = 0

    /// Whether the rest of a frame is in flight, so that nothing else may be written.
    public private(set) var isBlocked = false

    /// Entries kept allocated by an empty outbox: a viewer between two events should cost nothing.
    static let keptCapacity = 4

    /// An outbox with nothing in it and nothing allocated.
    public init() {}

    /// Whether nothing waits. A write may still be in flight.
    @inlinable
    public var isEmpty: Bool { entries.isEmpty }

    /// How many frames wait.
    public var count: Int { entries.count }

    /// Bytes that the kernel would not take yet; 0 unless blocked.
    public var backlog: Int { isBlocked ? waitingBytes : 0 }

    /// Bytes that wait, also those that have not been offered to the kernel yet.
    public var pendingBytes: Int { isBlocked ? waitingBytes : entries.reduce(0) { $0 + $1.frame.count } }

    /// Queues a frame, or says that it may not.
    @inlinable
    public mutating func append(_ frame: SharedBytes, key: ConflationKey, limits: OutboxLimits) -> Admission {
        if isBlocked { return appendBlocked(frame, key: key, limits: limits) }
        entries.append(Entry(frame: frame, key: key))
        return .queued
    }

    @usableFromInline
    mutating func appendBlocked(_ frame: SharedBytes, key: ConflationKey, limits: OutboxLimits) -> Admission {
        var admission = Admission.queued
        if key != .never, waitingBytes > limits.softBytes, let older = entries.lastIndex(where: { $0.key == key }) {
            // At the tail the newer takes its place; elsewhere it goes to the tail, so nothing overtakes.
            waitingBytes -= entries[older].frame.count
            entries.remove(at: older)
            admission = .conflated
        }
        guard waitingBytes + frame.count <= limits.hardBytes else { return .overflowed }
        waitingBytes += frame.count
        entries.append(Entry(frame: frame, key: key))
        return admission
    }

    /// Fills `vector` with the oldest frames; answers how many there are in it.
    @inlinable
    public func fill(_ vector: UnsafeMutableBufferPointer<iovec>) -> Int {
        let count = min(entries.count, vector.count)
        for index in 0..<count {
            let frame = entries[index].frame
            vector.initializeElement(at: index, to: iovec(iov_base: frame.baseAddress, iov_len: frame.count))
        }
        return count
    }

    /// Takes out what the kernel took: `written` bytes of the first `offered` frames.
    ///
    /// - Returns: nil when it took all of them. Otherwise the outbox is blocked, and the caller has to send the rest that is
    ///   returned and call ``unblock()`` once it is gone.
    public mutating func advance(written: Int, offered: Int) -> Rest? {
        var left = written
        for index in 0..<offered {
            let frame = entries[index].frame
            guard left >= frame.count else {
                entries.removeFirst(index + 1)
                isBlocked = true
                waitingBytes = entries.reduce(frame.count - left) { $0 + $1.frame.count }
                return Rest(frame: frame, offset: left)
            }
            left -= frame.count
        }
        precondition(left == 0, "Outbox: \(left) bytes written beyond what was offered")
        removeFirst(offered)
        return nil
    }

    /// All that was offered was taken, and `bytes` of it wait for the kernel somewhere else: the outbox is blocked until
    /// ``unblock()``, as it is behind the rest of a frame.
    public mutating func block(behind bytes: Int) {
        isBlocked = true
        waitingBytes = entries.reduce(bytes) { $0 + $1.frame.count }
    }

    /// The rest of the cut frame has been written: what waits may be written again.
    public mutating func unblock() {
        isBlocked = false
        waitingBytes = 0
    }

    /// Drops everything that waits (a write in flight is not ours to drop).
    public mutating func removeAll() {
        entries = []
        waitingBytes = 0
    }

    private mutating func removeFirst(_ count: Int) {
        if count < entries.count {
            entries.removeFirst(count)
        } else if entries.capacity > Self.keptCapacity {
            entries = []
        } else {
            entries.removeAll(keepingCapacity: true)
        }
    }
}
