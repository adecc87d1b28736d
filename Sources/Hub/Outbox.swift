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

    /// Bytes in `entries` and in the write in flight; counted only while the outbox is blocked.
    @usableFromInline
    var waitingBytes = 0

    /// Whether the rest of a frame is in flight, so that nothing else may be written.
    public private(set) var isBlocked = false

    /// Entries that an empty outbox keeps allocated: a viewer between two events should cost nothing.
    static let keptCapacity = 4

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
    public var pendingBytes: Int { isBlocked ? waitingBytes : entries.reduce(0) { $0 + $1.frame.count } }

    /// Queues a frame, or refuses it.
    @inlinable
    public mutating func append(_ frame: SharedBytes, key: ConflationKey, limits: OutboxLimits) -> EnqueueResult {
        if isBlocked { return appendBlocked(frame, key: key, limits: limits) }
        entries.append(Entry(frame: frame, key: key))
        return .queued
    }

    @usableFromInline
    mutating func appendBlocked(_ frame: SharedBytes, key: ConflationKey, limits: OutboxLimits) -> EnqueueResult {
        var result = EnqueueResult.queued
        if key != .never, waitingBytes > limits.softBytes, let older = entries.lastIndex(where: { $0.key == key }) {
            // A frame at the tail is replaced there; elsewhere the newer one goes to the tail and overtakes nothing.
            waitingBytes -= entries[older].frame.count
            entries.remove(at: older)
            result = .conflated
        }
        guard waitingBytes + frame.count <= limits.hardBytes else { return .overflowed }
        waitingBytes += frame.count
        entries.append(Entry(frame: frame, key: key))
        return result
    }

    /// Fills `vector` with the oldest frames; returns their number.
    @inlinable
    public func fill(_ vector: UnsafeMutableBufferPointer<iovec>) -> Int {
        let count = min(entries.count, vector.count)
        for index in 0..<count {
            let frame = entries[index].frame
            vector.initializeElement(at: index, to: iovec(iov_base: frame.baseAddress, iov_len: frame.count))
        }
        return count
    }

    /// Removes the bytes that the kernel took: `written` of the first `offered` frames.
    ///
    /// - Returns: nil when the kernel took all of them. Otherwise the outbox is blocked, and the caller has to send the
    /// returned rest and call ``unblock()`` once it is gone.
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

    /// The rest of the cut frame has been written: the outbox can be written again.
    public mutating func unblock() {
        isBlocked = false
        waitingBytes = 0
    }

    /// Puts every frame that waits into another form.
    mutating func reframe(_ form: (SharedBytes) -> SharedBytes) {
        for index in entries.indices {
            entries[index] = Entry(frame: form(entries[index].frame), key: entries[index].key)
        }
        if isBlocked { waitingBytes = entries.reduce(0) { $0 + $1.frame.count } }
    }

    /// Drops all frames, except a write in flight.
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
