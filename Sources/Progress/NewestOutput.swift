/// What of a stream waits for a reader that may be slower than the stream: all of it while that keeps up, else its end.
public struct NewestOutput: Sendable {
    private var bytes: [UInt8] = []
    private var lacks = false

    /// Nothing waits.
    public init() {}

    /// Whether nothing waits.
    public var isEmpty: Bool { bytes.isEmpty }

    /// What waits. `lacks`: there was more before it, which is gone.
    public var waiting: (bytes: [UInt8], lacks: Bool) { (bytes, lacks) }

    /// More has come. Never more waits than ``ReadingLimits/chunkBytes``.
    public mutating func add(_ more: UnsafeRawBufferPointer) {
        guard bytes.count + more.count > ReadingLimits.chunkBytes else {
            bytes.append(contentsOf: more)
            return
        }
        lacks = true
        let kept = bytes.suffix(max(0, ReadingLimits.floodBytes - more.count))
        bytes = kept + more.suffix(ReadingLimits.floodBytes)
    }

    /// The reader has taken what waited.
    public mutating func take() {
        bytes.removeAll(keepingCapacity: true)
        lacks = false
    }
}
