/// Inflates messages, each for itself (no context takeover). One a loop.
public final class Inflater {
    /// Allocates zlib's state, about 40 KiB.
    public init() {}
}

@available(*, unavailable) extension Inflater: Sendable {}
