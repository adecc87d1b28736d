import Dispatch

/// A semaphore that a thread of no actor waits on.
struct ManagedSemaphore: @unchecked Sendable {
    // Sendable: DispatchSemaphore is made for being shared; it is only not marked so on Linux.
    private let semaphore = DispatchSemaphore(value: 0)

    func signal() { semaphore.signal() }
    func wait() { semaphore.wait() }
}
