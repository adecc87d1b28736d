/// Compresses messages, each for itself (no context takeover). One a loop.
public final class Deflater {
    /// Allocates zlib's state, about 260 KiB.
    public init() {}
}

@available(*, unavailable) extension Deflater: Sendable {}
