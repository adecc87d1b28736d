internal import Glibc

/// A value that several threads change, one at a time.
///
/// A pthread mutex (pthread_mutex_lock(3)) rather than Synchronization's `Mutex`: when that has to wait, it does so within
/// the standard library, where ThreadSanitizer (Swift 6.3.1) does not see it, and reports a race in whatever it protects.
public final class Locked<Value>: @unchecked Sendable {
    // Sendable: `value` is touched with the mutex held only, and what goes in and out is Sendable.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    /// A value that nothing else can reach from now on.
    public init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls `body` with the value, while every other thread that asks for it waits. Not again within `body`: that would
    /// wait for ever.
    public func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
