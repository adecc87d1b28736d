/// How much may wait for a viewer whose kernel buffer is full. Bytes that the kernel has not refused do not count.
public struct OutboxLimits: Equatable, Sendable {
    /// Above this many waiting bytes, progress of one task is conflated: the newest event replaces the older one. 64
    /// KiB is several seconds of a busy task for a viewer on a slow line.
    public var softBytes: Int
    /// Above this many the node closes the viewer with 1013. 1 MiB is the most that a stalled viewer may cost the node.
    public var hardBytes: Int

    /// Limits with their defaults.
    public init(softBytes: Int = 64 * 1024, hardBytes: Int = 1024 * 1024) {
        self.softBytes = softBytes
        self.hardBytes = hardBytes
    }
}
