/// How much may wait for a viewer whose kernel buffer is full. Bytes that were never refused do not count.
public struct OutboxLimits: Equatable, Sendable {
    /// Above this many waiting bytes, progress of one task is conflated: the newest replaces the older. 64 KiB is several
    /// seconds of a busy task for a viewer on a slow line.
    public var softBytes: Int
    /// Above this many the viewer is closed with 1013. 1 MiB is what a stalled viewer may cost the node at the most.
    public var hardBytes: Int

    /// Limits with the defaults of the design.
    public init(softBytes: Int = 64 * 1024, hardBytes: Int = 1024 * 1024) {
        self.softBytes = softBytes
        self.hardBytes = hardBytes
    }
}
