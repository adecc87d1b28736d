import Dispatch

/// A semaphore that a thread of no actor waits on.
public struct ManagedSemaphore: @unchecked Sendable {
    // Sendable: DispatchSemaphore is made for being shared; it is only not marked so on Linux.
    private let semaphore: DispatchSemaphore

    /// A semaphore that so many pass at once.
    public init(value: Int = 0) { semaphore = DispatchSemaphore(value: value) }

    /// Lets one pass.
    public func signal() { semaphore.signal() }

    /// Waits until it may pass.
    public func wait() { semaphore.wait() }

    /// Waits at most so long; whether it may pass.
    public func wait(milliseconds: Int) -> Bool {
        semaphore.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }
}
