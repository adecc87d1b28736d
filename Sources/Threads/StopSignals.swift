import Glibc
import Synchronization

/// Signals that ask the process to end: the process waits for the first, and the second ends it at once.
public final class StopSignals: Sendable {
    private let count = Atomic<Int>(0)
    private let first = ManagedSemaphore()

    /// No signal yet.
    public init() {}

    /// A signal arrived, on any thread.
    public func add() {
        if count.add(1, ordering: .relaxed).newValue > 1 { _exit(1) }
        first.signal()
    }

    /// Waits for the first.
    public func wait() { first.wait() }
}
