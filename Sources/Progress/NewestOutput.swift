/// Output of a stream for a reader that may be slower: all of it while the reader keeps up, else its end.
public struct NewestOutput: Sendable {
    private var bytes: [UInt8] = []
    private var lacks = false

    /// No output.
    public init() {}

    /// Whether no output waits.
    public var isEmpty: Bool { bytes.isEmpty }

    /// The waiting output. `lacks`: output before it was dropped.
    public var waiting: (bytes: [UInt8], lacks: Bool) { (bytes, lacks) }

    /// Adds output. Never keeps more than ``ReadingLimits/chunkBytes``.
    public mutating func add(_ more: UnsafeRawBufferPointer) {
        guard bytes.count + more.count > ReadingLimits.chunkBytes else {
            bytes.append(contentsOf: more)
            return
        }
        lacks = true
        let kept = bytes.suffix(max(0, ReadingLimits.floodBytes - more.count))
        bytes = kept + more.suffix(ReadingLimits.floodBytes)
    }

    /// The reader took the output.
    public mutating func take() {
        bytes.removeAll(keepingCapacity: true)
        lacks = false
    }
}
