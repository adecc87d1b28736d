import Dispatch

/// A semaphore for threads without an actor.
public struct ManagedSemaphore: @unchecked Sendable {
    // Sendable: DispatchSemaphore is made to be shared; Linux only lacks the mark.
    private let semaphore: DispatchSemaphore

    /// A semaphore that lets `value` callers pass.
    public init(value: Int = 0) { semaphore = DispatchSemaphore(value: value) }

    /// Lets one caller pass.
    public func signal() { semaphore.signal() }

    /// Waits to pass.
    public func wait() { semaphore.wait() }

    /// Waits at most so long; returns whether it may pass.
    public func wait(milliseconds: Int) -> Bool {
        semaphore.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }
}
