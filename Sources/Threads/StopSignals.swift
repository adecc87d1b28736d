import Glibc
import Synchronization

/// Signals that ask the process to end: the first is waited for, the second ends the process at once.
public final class StopSignals: Sendable {
    private let count = Atomic<Int>(0)
    private let first = ManagedSemaphore()

    /// None has come yet.
    public init() {}

    /// A signal has come, on any thread.
    public func add() {
        if count.add(1, ordering: .relaxed).newValue > 1 { _exit(1) }
        first.signal()
    }

    /// Waits for the first.
    public func wait() { first.wait() }
}
